/// VMware's images: read in all their forms, written where the specification is public.
///
/// Read: "Virtual Disk Format 5.0" (VMware technical note, 2011), and where it is silent (seSparse)
/// what QEMU 7.2 reads.
///
/// | what | |
/// |---|---|
/// | monolithicSparse, twoGbMaxExtentSparse (hosted sparse extents, versions 1 and 2) | read and written |
/// | monolithicFlat, twoGbMaxExtentFlat, vmfs (flat extents) | read and written |
/// | streamOptimized (compressed grains, markers, footer) | read; written once, as a stream |
/// | vmfsSparse (COWD), also an extent of it without a descriptor; seSparse | read |
/// | ZERO extents | read; NOACCESS ones are refused when they are read |
/// | delta links | parentFileNameHint is the backing image, parentCID its identity |
/// | zeroed grains | read and written |
/// | redundant directory and tables | kept, compared by a verification, used by a repair |
/// | devices, RDM, encryption, unknown flags and versions | refused, by name |
///
/// ## How a change reaches the file
///
/// A grain is written before anything refers to it, always at the end of the file, and keeps its
/// place. Grain table entries change in memory ([GrainTables]) and are written by
/// [SparseEditor#flush]:
///
/// 1. grains → | redundant tables → tables.
///
/// The arrow with a bar is a [Barrier][io.calco.disk.Barrier]: a sync, left out while the extent
/// has promised nothing. So an entry always leads to a grain that was written; what an interruption
/// leaves is at worst a grain at the end of the file that nothing refers to, or only the redundant
/// table. The header says meanwhile (`uncleanShutdown`) that the two copies may differ; without
/// that mark a difference is damage. An extent found with it keeps it until a repair.
///
/// The first write changes the content id, as the specification asks, and waits for it: deltas made
/// before no longer fit.
///
/// A stream is written front to back by a [StreamWriter], each grain packed once. Laid out, with a
/// known length and random access, it costs packing twice ([StreamLayOut]).
///
/// Threads: [VmdkDriver#map] and decompression may run side by side; all else is alone.
///
/// Oracle: qemu-img and qemu-io 7.2, libvmdk. Classes: [VmdkFormat] opens and creates, [ImageFiles]
/// finds the extents that a [Descriptor] names, [VmdkDriver] is the open image, a [SparseEditor]
/// changes one extent, [StreamWriter] writes a stream and [StreamLayOut] makes one as it is read,
/// [Verification] and [Repair] are `qemu-img check`, [Risks] says why one from a stranger is not
/// taken in.
@NullMarked
package io.calco.disk.vmdk;

import org.jspecify.annotations.NullMarked;
