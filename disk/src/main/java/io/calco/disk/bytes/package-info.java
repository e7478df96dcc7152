/// Fields and sums in arrays of bytes, as the structures on disks have them.
@NullMarked
package io.calco.disk.bytes;

import org.jspecify.annotations.NullMarked;
