@NullMarked
package io.calco.disk.vhdx;

import org.jspecify.annotations.NullMarked;
