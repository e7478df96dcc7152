/// ext2, ext3 and ext4, read and written.
///
/// Read from the kernel's documentation of ext4's layout (`Documentation/filesystems/ext4`), and
/// held to what e2fsprogs 1.47 and Linux 6.18 make and accept.
@NullMarked
package io.calco.fs.ext;

import org.jspecify.annotations.NullMarked;
