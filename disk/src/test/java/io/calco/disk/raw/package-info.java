@NullMarked
package io.calco.disk.raw;

import org.jspecify.annotations.NullMarked;
