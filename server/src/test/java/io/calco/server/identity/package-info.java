@NullMarked
package io.calco.server.identity;

import org.jspecify.annotations.NullMarked;
