/// FAT12, FAT16 and FAT32 with long names ("VFAT"), read and written.
///
/// Read from Microsoft's *FAT: General Overview of On-Disk Format* (1.03) and its *Long Filename
/// Specification*, and held to what dosfstools 4.2, mtools 4.0 and Linux make and accept: fsck.vfat
/// judges every write, mtools the reading and the names.
///
/// ## What is handled
///
/// | | read | written |
/// |---|---|---|
/// | sectors of 512–4096 bytes, clusters of one sector to 128 | yes | yes |
/// | long names; short names in lower case by the NT flags | yes | yes |
/// | FATs not mirrored (FAT32's active FAT) | yes | the active one |
/// | fixed root directory of FAT12 and FAT16 | yes | yes |
/// | "dirty" in FAT[1] and in the boot sector | told | set while blocks are written |
/// | FAT32's FSInfo and backup boot sector | ignored | kept |
/// | owners, links, extended attributes | – | the file system has none |
/// | FAT+ (files above 4 GiB), a version of FAT32 above 0.0 | refused | refused |
///
/// Short names are in code page 437, as Linux takes them; times are UTC, as the disk does not say
/// where it was. A file of root's shows mode 0755, without write bits when it is "read only", as
/// the kernel shows it unless told otherwise; of new attributes the write bit of the owner and the
/// time are kept.
///
/// Long names that do not belong to the short name behind them (wrong sum, missing parts) are not
/// there. A name with a character that no path can have shows as its short name.
///
/// ## How it is written
///
/// Content goes into free clusters at once. The FAT and the directories change in memory; what
/// changed reaches the disk in steps, each on the medium before the next ([Commit]): the dirty
/// mark, chains and directories that nobody refers to yet; links from chains that are there to what
/// was appended; new and changed names; the end of old names; the end of their chains; the clean
/// mark. A cut at any point leaves at worst clusters that belong to nobody, a chain longer than its
/// file, and after a renaming both names. Names are laid so that one sector holds all parts, where
/// they fit. What was freed is used again only after that.
///
/// A volume that was dirty when it was opened stays so: its checker has yet to look at it.
///
/// ## Shrinking
///
/// [Shrink] shows a file system as it would be on fewer bytes. Clusters behind the end move, in
/// their order, to the first free ones before it, so that what is used always fits; one marked as
/// bad behind the end is forgotten. The FATs keep their length. FAT16 stays at 4085 clusters or
/// more, and FAT32 at 65525 unless it had fewer before: others tell the kind by their number.
///
/// ## Trust
///
/// Geometry must fit the disk; chains are walked no further than their file, or a directory's
/// largest size, 2 MiB; a directory within itself is corrupt; a chain to be freed is looked at
/// whole first. Of the FAT 64 KiB pages are kept, at most 16 MiB that did not change.
///
/// Thread rule: an opened file system is confined to one thread at a time.
@NullMarked
package io.calco.fs.fat;

import org.jspecify.annotations.NullMarked;
