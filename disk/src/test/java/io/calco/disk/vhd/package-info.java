@NullMarked
package io.calco.disk.vhd;

import org.jspecify.annotations.NullMarked;
