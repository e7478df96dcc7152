/// Calls to the kernel through `java.lang.foreign`. The only user of [java.lang.foreign.Linker].
///
/// | what | where |
/// |---|---|
/// | a file that is open: reading, writing, holes, reflinks, locks, leases, flags | [OpenFile] |
/// | names: rename without replacing, exchange, directory sync | [FileNames] |
/// | mode 0444 and the immutable flag | [FileSeal] |
/// | who has a file open | [FileHolder] |
/// | the width of a terminal | [Terminal] |
/// | whether calls can be made at all | [NativeAccess] |
///
/// Layer 1 is `LibC`, the C calls under their own names; layer 2 their meaning in Java. Each call
/// has its errno in a frame of its own. Where calls cannot be made (another system, another
/// machine, a runtime started with `--illegal-native-access=deny`), files are used through
/// [java.nio.channels.FileChannel], and what that lacks is left out or refused.
///
/// Start-up: the first use of a file links one downcall, about 20 ms with an AOT cache;
/// [NativeAccess#prepare] does it in the background.
///
/// Threads: everything is safe for several threads at once. A call blocks and, on a virtual thread,
/// pins its carrier for as long: run I/O on a few platform threads, or few virtual ones.
///
/// Oracles: stat(1), lsattr(1), xfs_io(8), qemu-io(1), the kernel's ext4, XFS and btrfs.
@NullMarked
package io.calco.sys;

import org.jspecify.annotations.NullMarked;
