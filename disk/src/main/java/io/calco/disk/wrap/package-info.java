/// Files in wrappers: compressed, in archives, cut into parts, or coming as a stream.
@NullMarked
package io.calco.disk.wrap;

import org.jspecify.annotations.NullMarked;
