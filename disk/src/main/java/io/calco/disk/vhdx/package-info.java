/// Microsoft's VHDX, fixed, dynamic and differencing.
///
/// Source: MS-VHDX, "Virtual Hard Disk v2 (VHDX) File Format". Oracle: qemu-img, which knows no
/// differencing images, no sectors of 4096 bytes and no second region table; libvhdi for the former
/// two; images made by Windows.
///
/// A file is two headers, of which the newer counts; two copies of the region table; a log; the
/// metadata items; the block allocation table (BAT); and blocks, all on a grid of 1 MiB. Blocks of
/// a differencing image may be partly its own: sector bitmaps in the file tell which sectors are.
///
/// Order of writes. Guest data goes to blocks that nothing names yet, or in place. Changes of the
/// BAT, of sector bitmaps and of metadata stay in memory as pages of 4 KiB until a flush, and then
/// reach the file by the log, each arrow a [Barrier][io.calco.disk.Barrier]:
///
///     data → log entry → header names the log → pages in place → … → header names no log
///
/// Each entry of the log is a sequence of its own, and never lies over the one before it. Space that
/// was given up is free after the entry that says so is on the medium, and is used before the file
/// grows. Parts of blocks are zeroed by holes of the file.
///
/// | | |
/// |---|---|
/// | read | fixed, dynamic, differencing; sectors of 512 and 4096 bytes; blocks of 1 to 256 MiB; logs of up to 64 MiB to replay |
/// | written | the same; a disk grows as far as its BAT has room |
/// | laid out as it is read | fixed, dynamic |
/// | refused by name | required regions and metadata items that are not known; other versions; log over a region; blocks outside the file |
/// | only read | images whose blocks lie over each other |
/// | mended | a log to replay; a damaged copy of the region table |
///
/// QEMU's quirks: it does not open a disk of 0 bytes whose BAT is as short as it may be; it replays
/// entries of the log that the newest one's tail leaves out. libvhdi's: where a child's block is zero
/// it shows the parent.
///
/// A file that was cut off is whole after its log was replayed: into the file when it is opened for
/// writing, into memory ([ReplayedFile]) when it is only read.
@NullMarked
package io.calco.disk.vhdx;

import org.jspecify.annotations.NullMarked;
