@NullMarked
package io.calco.disk.qcow;

import org.jspecify.annotations.NullMarked;
