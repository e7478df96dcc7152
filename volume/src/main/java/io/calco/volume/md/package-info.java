/// Linux MD: disks and partitions that are members of a software RAID.
///
/// Start with [MdMember#find] for each disk or partition, then [MdArray#assemble].
///
/// Superblocks 0.90 (little-endian), 1.0, 1.1 and 1.2 are read, with their checksums. Opened are
/// raid1, from its newest member that is in step, and raid0 and linear when every member is here
/// and, for raid0, all are of one size; every other level is refused by name. Only an array that
/// lies on one disk alone can be written: a write to one leg of a mirror would be undone or spread
/// by the next resync.
///
/// Sources: the kernel's include/uapi/linux/raid/md_p.h, drivers/md/md.c for places and sums.
/// Proven against arrays that the kernel's md wrote, and against mdadm and blkid on them.
@NullMarked
package io.calco.volume.md;

import org.jspecify.annotations.NullMarked;
