@NullMarked
package io.calco.server.http;

import org.jspecify.annotations.NullMarked;
