/// Raw images: the guest's bytes as they are, holes of the host file reading as zeroes.
///
/// Oracle: qemu-img. Write order: none, there is no metadata.
@NullMarked
package io.calco.disk.raw;

import org.jspecify.annotations.NullMarked;
