/// cloop images, the compressed loop device of live CDs (Knoppix), read only.
///
/// Read: format 2.0 as `create_compressed_fs` of cloop-utils writes it and QEMU 7.2 reads it: a
/// shell script of 128 bytes, block size and number of blocks, the offsets of all blocks and the
/// end of the last, then the blocks, each zlib data. All numbers are big-endian.
///
/// | feature | |
/// |---|---|
/// | blocks of 512 B–16 MiB | read; the disk is a whole number of blocks |
/// | other format versions (1.0, 4) and compressions | not known by their marks |
///
/// Oracle: create_compressed_fs and qemu-img 7.2. Write order: none. Thread rule: safe for several
/// threads.
@NullMarked
package io.calco.disk.cloop;

import org.jspecify.annotations.NullMarked;
