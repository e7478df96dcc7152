/// f2fs: facts and blocks in use. Its files are not read.
///
/// Read from the kernel's documentation (`Documentation/filesystems/f2fs.rst`) and the fields that
/// f2fs-tools' dump.f2fs names; held to f2fs-tools 1.15: partclone.f2fs takes the same blocks to be
/// in use, and fsck.f2fs finds nothing wrong in a restore of those alone.
///
/// | | |
/// |---|---|
/// | superblock, either copy | yes |
/// | checkpoint | the newer of the two packs that is whole: both of its ends bear right sums and the same version |
/// | blocks in use | all before the main area; there, what the segment information table says, either version of each of its blocks, and entries in the checkpoint's journal, compact or not |
/// | not unmounted in order | everything is in use: files synced since the checkpoint are found only by following blocks that the table does not have |
/// | blocks of other than 4 KiB, segments of other than 2 MiB, several devices | refused |
///
/// Thread rule: stateless but for the opened file system, which is confined to one thread at a
/// time.
@NullMarked
package io.calco.fs.f2fs;

import org.jspecify.annotations.NullMarked;
