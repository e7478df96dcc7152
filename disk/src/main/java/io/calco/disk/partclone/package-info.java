/// partclone images, versions 1 and 2 read, version 2 written.
///
/// An image holds the used blocks of one file system: a header, a map with a bit (version 1: a
/// byte) for each block, and the used blocks in ascending order, with a checksum after every so
/// many, the *strip*. Blocks that are not used read as zeroes here. Whatever a device has after its
/// last block is not in the image, and reads as zeroes too.
///
/// Read: `IMAGE_FORMATS.md` of partclone 0.3.23, corrected where its programs do otherwise.
///
/// | feature | |
/// |---|---|
/// | version 2 | read; written with a bitmap, reseeded |
/// | version 1, also with the 8-byte checksums of builds before 0.1.0 | read |
/// | checksums: none, CRC32, XXH64, XXH128, each reseeded or running | read; written reseeded |
/// | any number of blocks under a checksum | read and written, up to 64 MiB of blocks |
/// | map of bits, of bytes, or none | read; bits written |
/// | the device size and the count of used blocks in version 1 | ignored: not all builds were right |
/// | other endianness, later versions, unknown checksums | refused, by name |
/// | a map of more than 4 GiB (128 TiB in blocks of 4 KiB) | refused |
///
/// Random access needs no unpacking: the map is read once from end to end, when the first byte is
/// asked for, and counted in slices of 32768 blocks ([BlockMap]); slices that have both used and
/// unused blocks are held in memory, up to 64 MiB of them. The map's own checksum is compared then,
/// as a wrong bit would move all blocks after it. Nothing asks for the file's size, which may be
/// dear in a compressed file: an image that is cut short is found out by the read that comes to its
/// end.
///
/// Reading blocks compares no checksums: a strip is up to 10 MiB. [Verification] compares them all.
///
/// Writing: there is nothing to change in an image, so it is written whole or not at all.
/// [PartcloneWriter] lays it out as it is read, from a disk and its used blocks; a file system
/// knows these, otherwise the disk's extents tell. A program that restores such an image leaves on
/// the target what was there where blocks are not used.
///
/// Threads: all of it safe but closing.
///
/// Oracle: partclone 0.3.23 (`partclone.*`, `partclone.chkimg`, `partclone.restore`), xxhsum.
@NullMarked
package io.calco.disk.partclone;

import org.jspecify.annotations.NullMarked;
