/// Disks laid out anew: the same partitions in other places, for a target of another size.
///
/// [LayoutPlan] says where each partition is to lie by a [Layout]; [RelaidDisk] shows a disk as it
/// is then, so that whoever copies disks copies this one. None becomes shorter than what is in it,
/// or than what its caller can make of that: then [RelaidDisk] gets what shall lie there instead.
/// Growing the file system in a longer one is the next step, and not done here.
///
/// | layout | larger target | smaller target |
/// |---|---|---|
/// | as saved | the rest stays free | the last ends earlier; else gaps go, and partitions shrink one after the other: the last that can grow, swap areas, the others, those for booting and recovery |
/// | grow last | the last partition gets the rest | as saved |
/// | proportional | partitions with data share the rest by their lengths; those for booting, swap and recovery keep theirs | gaps go; partitions shrink to what is in them, in proportion to their free space, those for booting, swap and recovery last |
/// | listed | as listed | as listed |
///
/// What else is in a moved file system that names its place: the count of hidden sectors in the
/// boot sectors of FAT and NTFS (Microsoft, "FAT: General Overview of On-Disk Format",
/// BPB_HiddSec), which boot programs rely on. It is set where it was right before. The last sector
/// of a partition with NTFS whose length has changed repeats its boot sector. Boot programs that
/// name sectors keep theirs: what lies before the first partition is not moved, nor are BIOS boot
/// partitions while all before them stay.
///
/// Gaps between partitions are kept where neither neighbour moves; the space behind the last one is
/// free. Oracles: sgdisk, sfdisk, the kernel's and the file systems' own tools on the result.
@NullMarked
package io.calco.backup.layout;

import org.jspecify.annotations.NullMarked;
