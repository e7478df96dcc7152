/// Disks shown in a directory of this host, read only, through the kernel's FUSE: the disk and its
/// partitions as files, and what is in them.
///
/// [DiskMount] is the way in. The files of a disk are those of [io.calco.guest.GuestTree]: nothing
/// is mounted by the kernel's file systems, and no byte of a hostile one is seen by them.
@NullMarked
package io.calco.engine.mount;

import org.jspecify.annotations.NullMarked;
