/// A tree of files that the kernel shows in a directory: the protocol of `/dev/fuse`, read only.
///
/// A [FuseServer] answers the kernel's questions from a [FuseNode], the root, and what can be
/// reached from it. Specification: `include/uapi/linux/fuse.h` of Linux, protocol 7.31, spoken
/// without libfuse (`docs/decisions/0018-proof.md`).
///
/// | | |
/// |---|---|
/// | answered | `LOOKUP` `FORGET` `BATCH_FORGET` `GETATTR` `READLINK` `READ` `STATFS` `READDIR` `GETXATTR` `LISTXATTR` `ACCESS` `INIT` `DESTROY` |
/// | not needed | `OPEN` `OPENDIR`, which are answered with `ENOSYS`: the kernel then opens by itself and keeps what it has read, for nothing ever changes |
/// | refused | everything else, with `ENOSYS` |
///
/// What a tree says is hostile: names that are none (empty, `.`, `..`, with `/` or a zero, more
/// than 255 bytes) are passed over, so that nothing of it can be reached outside the directory;
/// symbolic links show the text that they have, and who follows one leaves the mount as of any
/// other disk. Device files are not usable, and set-user-ID counts for nothing.
///
/// Thread rule: nodes are asked by several threads at once.
///
/// Oracles: the kernel, with cmp, diff, ls, e2fsck and losetup on what it shows.
@NullMarked
package io.calco.sys.fuse;

import org.jspecify.annotations.NullMarked;
