/// exFAT, read, with its map of clusters in use.
///
/// Read from Microsoft's *exFAT file system specification* (1.00), and held to what mkfs.exfat and
/// exfat-fuse make; partclone.exfat judges the map, fsck.exfat a copy of what it names.
///
/// | | read |
/// |---|---|
/// | sectors of 512–4096 bytes, clusters to 32 MiB, two FATs (TexFAT's active one) | yes |
/// | runs of clusters without a FAT chain; bytes beyond the valid length, as zeroes | yes |
/// | names without regard to case, by the volume's own table | yes |
/// | times with their distance from UTC | yes; UTC where it is not told |
/// | the allocation bitmap | yes |
/// | vendor's entries, access control, transactions | ignored |
/// | a revision other than 1 | refused |
///
/// A set of entries that is not whole, or whose sum is wrong, is not there. Files are root's and
/// show mode 0755, or 0555 when "read only", as the kernel shows them unless told otherwise.
///
/// Trust: geometry must fit the disk; chains are walked no further than their file, or a
/// directory's largest size, 256 MiB; a directory within itself is corrupt. Kept are 4 MiB of the
/// FAT and 8 MiB of directories.
///
/// Thread rule: an opened file system is confined to one thread at a time.
@NullMarked
package io.calco.fs.exfat;

import org.jspecify.annotations.NullMarked;
