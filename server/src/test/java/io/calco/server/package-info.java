@NullMarked
package io.calco.server;

import org.jspecify.annotations.NullMarked;
