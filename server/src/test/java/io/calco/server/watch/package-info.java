@NullMarked
package io.calco.server.watch;

import org.jspecify.annotations.NullMarked;
