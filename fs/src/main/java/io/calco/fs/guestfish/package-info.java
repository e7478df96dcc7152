/// The second engine: file systems written by libguestfs, where Calco has no writer of its own.
///
/// libguestfs runs a small Linux in a virtual machine that has the image as its disk; Linux's own
/// drivers read and write it. [Guestfish] is the machine, driven by one `guestfish` process that is
/// fed line by line; [Guestfish#openFileSystem] is one of its file systems, behind the interface
/// that all have. An exchange takes a millisecond once the machine runs, so names are listed and
/// asked for in batches and remembered (KnownFiles).
///
/// **Not trusted.** Replies come from a system that has mounted a hostile file system: they are
/// bounded in size and time, end by a mark that the guest cannot know, and hold names only where
/// any byte may stand in them. Names go out quoted byte by byte. Links are not followed.
///
/// **What it cannot.** The time of a symbolic link; attributes of the root directory; extended
/// attributes with a zero byte before the last; which blocks are in use (all, it says). Other
/// changes are as the kernel's file system makes them: [io.calco.fs.FileSystem#sync] makes them
/// durable.
///
/// The process is killed when it does not answer, and when the machine is closed; the machine ends
/// with it.
///
/// Needs Debian's libguestfs-tools, 1.48 read here. Environment: libguestfs's own variables, such
/// as `LIBGUESTFS_BACKEND_SETTINGS=force_tcg` where there is no hardware virtualisation.
///
/// Thread rule: confined.
@NullMarked
package io.calco.fs.guestfish;

import org.jspecify.annotations.NullMarked;
