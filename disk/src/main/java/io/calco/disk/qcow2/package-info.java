/// qcow2 images, versions 2 and 3, read and written.
///
/// Read: the specification in QEMU's `docs/interop/qcow2.txt` (7.2), and where it is silent what
/// QEMU 7.2 does.
///
/// | feature | |
/// |---|---|
/// | cluster size 512 B–2 MiB, refcounts of 1–64 bits, extended L2 entries | read and written |
/// | zero clusters, plain and preallocated | read and written; version 2 has none |
/// | compressed clusters, deflate and zstd | read and written |
/// | backing image | named, never opened here |
/// | internal snapshots | listed, read, made, applied, deleted ([SnapshotEditor]); a write leaves what they show |
/// | dirty bit | refcounts are mended before a write; reading needs none |
/// | lazy refcounts | the mark is kept; refcounts are never late here |
/// | corrupt bit | written only after a repair |
/// | persistent bitmaps | read, followed while we write, changed ([BitmapSession]); one that we cannot follow is marked as in use |
/// | external data file | read and written behind the open policy ([DataFile]); never with encryption, snapshots or compression |
/// | unknown autoclear features | cleared by the first write |
/// | unknown header extensions and header fields | kept |
/// | LUKS encryption | read and written; the header is version 1's, see [io.calco.disk.luks] |
/// | the old AES encryption | read; never written |
/// | compressed clusters in an encrypted image | read, as QEMU stores them: not encrypted; never made |
/// | unknown incompatible features | refused, by name |
///
/// ## How a change reaches the file
///
/// Guest data is written at once, in clusters that nothing refers to yet. Metadata is changed in
/// memory ([L2Slices], [Refcounts], two [PointerTable]s) and written by [WriteOrder], in this
/// order, with a [Barrier][io.calco.disk.Barrier] where the arrow has a bar:
///
/// 1. refcount blocks, new L2 tables and guest data → | the refcount table's entries for new blocks
/// 2. → | L2 entries and L1 entries
/// 3. → | refcounts of clusters that lost a reference, and only then may these be used again.
///
/// So at every instant each reference in the file points to something written whose refcount is at
/// least the number of references: a crash leaves at worst clusters that are counted and not used
/// (leaks). A table that moves (L1, refcount table) is written whole, then the header, then the old
/// place is freed. The header's fixed fields lie in one sector.
///
/// Snapshots, bitmaps and amended options each hang on one write of the header's first sector,
/// after all that it then names was written and synced; what was replaced is freed after it. While
/// refcounts and the marks of ownership may disagree (snapshots), the dirty bit is set, and the
/// next writer mends them; version 2 has no such bit, and there the marks may be missing after a
/// crash, which costs a copy, and a repair sets them. Guest bytes in an external data file are
/// synced before the entries that name them.
///
/// The order between barriers is free; a barrier is a sync of the file, and is left out while the
/// image has promised nothing ([Barrier][io.calco.disk.Barrier]).
///
/// Threads: [GuestMap#map] and decompression may run side by side; all else is alone.
///
/// Oracle: qemu-img and qemu-io 7.2. Classes: [Qcow2Format] opens and creates, [HeaderReader]
/// judges, [Qcow2Driver] is the open image, [GuestMap] reads the tables, [Qcow2Editor] and what it
/// holds changes them, [Verification] and [Repair] are `qemu-img check`, [Amendment] is `qemu-img
/// amend`, [Measurement] `qemu-img measure`; [LaidOutImage] makes an image as it is read.
@NullMarked
package io.calco.disk.qcow2;

import org.jspecify.annotations.NullMarked;
