/// Restore points: disks kept in a store, each whole by itself, and brought back anywhere.
///
/// [RestorePoints] is the way in: it makes points of [DiskDivision]s, lists them, and opens one as
/// a [io.calco.disk.Disk] that everything in the house can read. [Restore] writes one to another
/// disk; [Retention] says which may go.
///
/// ```
/// disk ─▶ DiskDivision ─▶ frame  ─┐                ┌─▶ frame ─┐
///                       ─▶ part 1 ─┼─▶ store: root ─┼─▶ part 1 ─┼─▶ a Disk again
///                       ─▶ part 2 ─┘                └─▶ part 2 ─┘
/// ```
///
/// # How a disk is cut
///
/// | | |
/// |---|---|
/// | part | a partition, primary or logical, as a disk of its own: cut on its own grid, so that it costs nothing when it lies elsewhere the next time |
/// | frame | the disk's whole length with the parts' runs as holes: boot program, both GPTs, extended boot records, gaps, the end. Bit for bit |
///
/// The frame of a disk without a partition table is the disk.
///
/// Blocks that a file system does not use are holes, and never read: of file systems on partitions,
/// on the bare disk, and on LVM2's linear and striped logical volumes. What lies in a partition
/// behind the file system's last block is kept (NTFS has the copy of its boot sector there). Swap
/// areas are kept as far as their header. Everything else, and whatever contradicts itself, is kept
/// in full:
///
/// | kept in full | because |
/// |---|---|
/// | no known file system; LUKS, MD, BitLocker | nobody here can say what is in use |
/// | a file system whose map cannot be read | the same; a warning says so |
/// | a volume group with snapshots, thin pools, mirrors | other volumes may need what one of them does not |
/// | a disk whose partition table contradicts itself | neither can its partitions be told apart: all is frame |
/// | a swap area in which a machine is suspended, unless page files are left out | it wakes up from it |
/// | with [Coverage#EVERY_SECTOR], everything | |
///
/// What is left out is never needed to read the partition table: a division whose table reads
/// otherwise than the disk's is not used.
///
/// # A point in the store
///
/// The layout is in `docs/format/restore-point.md`; the reasons are in
/// `docs/decisions/0014-restore-points.md`. A point is a root that is put when all it leads to is
/// on the medium: a killed backup leaves none. Points are complete by themselves; there are no
/// chains.
///
/// Oracles: the file systems' own checkers and the kernel on restored disks, sgdisk, cmp.
///
/// Thread rule: values are values; all else is confined unless it says otherwise.
@NullMarked
package io.calco.backup;

import org.jspecify.annotations.NullMarked;
