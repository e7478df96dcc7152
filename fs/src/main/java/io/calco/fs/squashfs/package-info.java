/// squashfs 4.0, read.
///
/// Read from the kernel's documentation (`Documentation/filesystems/squashfs.rst`) and *The
/// Squashfs 4.0 binary format*, and held to what mksquashfs 4.5 makes and Linux shows of it.
///
/// | | read |
/// |---|---|
/// | blocks packed by gzip, xz (with its filters), lz4, zstd, lzo, or not | yes |
/// | lzma (never in the kernel), versions before 4.0 | refused |
/// | fragments, holes, duplicates, hard links | yes |
/// | basic and extended inodes; directories with and without index | yes; the index is not needed |
/// | extended attributes, values elsewhere | yes |
/// | export table, compressor options | ignored |
///
/// All of the file system counts as used, up to the 4 KiB that it is padded to.
///
/// Trust: every packed block is bounded by what it may unpack to (8 KiB, or a block of content); a
/// directory is in none of its own and has at most 2²¹ entries, a file at most 2²² blocks (ours).
/// Kept are 8 MiB of metadata, 16 MiB of content, and 2¹⁷ entries of directories.
///
/// Thread rule: an opened file system is confined to one thread at a time.
@NullMarked
package io.calco.fs.squashfs;

import org.jspecify.annotations.NullMarked;
