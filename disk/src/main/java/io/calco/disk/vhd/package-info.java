/// VHD images (qemu-img's `vpc`): the disks of Virtual PC, Virtual Server, Hyper-V, XenServer and
/// Azure.
///
/// Specification: Microsoft, *Virtual Hard Disk Image Format Specification* 1.0 (2006). All numbers
/// are big-endian.
///
/// | part | here |
/// |---|---|
/// | fixed, dynamic, differencing disks | read, written, created, laid out (differencing: not laid out) |
/// | footer of 511 bytes (before 2004) | read |
/// | block sizes | any power of two up to 256 MiB; created with 2 MiB or 512 KiB |
/// | sector bitmaps | honoured in differencing disks; in dynamic ones kept, and read past as QEMU does |
/// | parent | by relative path (W2ru), file URL (MacX), absolute path (W2ku, Wi2r, Wi2k: its file name), or the name in the header; its unique id is checked |
/// | size | Virtual PC's, Virtual Server's and QEMU's disks by geometry unless that is the largest, all others by the current size |
/// | checksums | a wrong one is refused and can be repaired |
/// | saved state, disk types 0, 1, 5, 6 | ignored; refused |
///
/// What Calco makes has blocks whose data lies on pages of 4 KiB, so that a block is one aligned
/// write. A disk made without `force_size` has a size that its geometry says exactly, so that
/// everybody sees the same; one made with it has the largest geometry, which tells all readers to
/// look at the current size.
///
/// **Order of writes.** A dynamic disk has its footer at both ends; the copy at the beginning is
/// the one that counts, and changes in one sector. The footer at the end is written at its new
/// place before a block overwrites the old one. A block is data and bitmap first, then, after a
/// barrier, its entry in the block allocation table ([SparseEditor#flush]); in differencing disks
/// likewise the bits of new sectors. A change of size writes the table, then the copy at the
/// beginning, then the footer at the end. What an interruption leaves is space that nothing uses or
/// a footer at the end that is out of step; the next writer mends both. Barriers wait for the
/// medium only when it holds something to protect ([Barrier][io.calco.disk.Barrier]).
///
/// **Trust.** A guest can write a footer to the first sector of a fixed disk, or to the last of a
/// dynamic one that was not closed: what could be both is refused ([Footers]).
///
/// Threads: mapping may run side by side; all else is alone.
///
/// Oracle: qemu-img and qemu-io 7.2 (no differencing disks), libvhdi (differencing disks), and real
/// images of other tools.
@NullMarked
package io.calco.disk.vhd;

import org.jspecify.annotations.NullMarked;
