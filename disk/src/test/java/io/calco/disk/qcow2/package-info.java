@NullMarked
package io.calco.disk.qcow2;

import org.jspecify.annotations.NullMarked;
