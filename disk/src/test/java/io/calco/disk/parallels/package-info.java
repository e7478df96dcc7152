@NullMarked
package io.calco.disk.parallels;

import org.jspecify.annotations.NullMarked;
