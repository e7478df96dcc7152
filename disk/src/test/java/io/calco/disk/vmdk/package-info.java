@NullMarked
package io.calco.disk.vmdk;

import org.jspecify.annotations.NullMarked;
