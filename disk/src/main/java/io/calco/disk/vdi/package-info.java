/// VDI images of VirtualBox: dynamic, static and differencing disks read, the first two written.
///
/// An image is a header, a table with a 32-bit entry for each block of the disk (1 MiB), and the
/// blocks in the order they were first written. An entry is a block's number in the file, or says
/// that the block reads as zeroes or, in a differencing image, as the parent's.
///
/// Source: what VirtualBox and QEMU write; no specification is published.
///
/// | feature | |
/// |---|---|
/// | version 1.1, dynamic and static | read, written, created, laid out, grown and shrunk |
/// | differencing images | read; the parent is the image beside it that has the UUID they name |
/// | blocks of other sizes than 1 MiB | read and written, not created; QEMU reads 1 MiB only |
/// | blocks with extra data | read |
/// | the parent's state UUID | tells copies of a parent apart; a parent that was changed is read, as VirtualBox does |
/// | undo images, versions before 1.1 | refused, by name |
///
/// ## How a change reaches the file
///
/// | step | |
/// |---|---|
/// | 1 | a new block's bytes, in a place that no block uses; it reads as zeroes till then |
/// | \| | |
/// | 2 | the count of blocks in the header, which says where QEMU lays the next one: the place after the last |
/// | \| | |
/// | 3 | the table's entries |
/// | \| | |
/// | 4 | the count again, where it became smaller |
///
/// A line is a [Barrier][io.calco.disk.Barrier]. Cut anywhere, an image has places that nothing
/// uses and a count that is too large: no data is lost, the next writer mends the count and takes
/// the places, and repair closes the gaps that are left. Places are given back by a change of size
/// and by repair alone, which move the last blocks into the gaps: a writer that takes the count for
/// the place of the next block would lay it over another. What is discarded becomes a hole in the
/// host's file.
///
/// A change of size is one write of the header's sector. A table without room for more entries is
/// written where the first blocks lay, after they were moved to the end; the blocks are counted
/// from after it then.
///
/// Threads: mapping beside each other; all else alone.
///
/// Oracle: qemu-img 7.2 (create, convert, compare, check), both directions.
@NullMarked
package io.calco.disk.vdi;

import org.jspecify.annotations.NullMarked;
