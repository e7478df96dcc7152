/// The network block device protocol: any [io.calco.disk.Disk] for other programs over a socket,
/// and a disk that another program serves as a [io.calco.disk.Disk].
///
/// [NbdServer] and [NbdDisk] are the ways in, and [NbdBitmap] for what was written. Specification:
/// `doc/proto.md` of the NetworkBlockDevice project, its branch `extension-ext-header` for extended
/// headers, `doc/uri.md` for addresses; `docs/interop/nbd.txt` of QEMU for dirty bitmaps.
///
/// | | served | asked for |
/// |---|---|---|
/// | handshake | fixed newstyle: `EXPORT_NAME` `ABORT` `LIST` `STARTTLS` `INFO` `GO` `STRUCTURED_REPLY` `LIST_META_CONTEXT` `SET_META_CONTEXT` `EXTENDED_HEADERS` | newstyle; `GO`, or `EXPORT_NAME` where that is all |
/// | contexts | `base:allocation`, `qemu:dirty-bitmap:NAME` | either of these |
/// | commands | `READ` (also `DF`) `WRITE` `FLUSH` `TRIM` `WRITE_ZEROES` (also `NO_HOLE` `FAST_ZERO`) `BLOCK_STATUS` (also `REQ_ONE` and chosen contexts) `DISC`, `FUA` on all | the same but `DF`, `FAST_ZERO`, `REQ_ONE` and `FUA` |
/// | blocks | of any size, at most 32 MiB at once | rounded to what the server wants |
/// | connections | several at once see one disk | up to four, one request at a time on each |
///
/// Refused, with the protocol's own answer: `NBD_CMD_CACHE`, `RESIZE`, and what is newer. Not
/// spoken: the oldstyle handshake.
///
/// Both ends take the other one for hostile: what it says of lengths is bounded before anything is
/// set aside, options, answers and errors are counted, and one that breaks the protocol is hung up
/// on. A client has a time to choose an export, a server one for each answer. Failures' own words
/// are for our log; clients are told where. A server on a Unix socket is as private as the
/// directory that the socket lies in.
///
/// How it is fast: the bytes that are read lie at once where they are sent from, and those that are
/// written where they were received; answers to requests that came together leave together, with
/// one call of the system.
///
/// Thread rule: a server is safe; each connection has a thread of its own and answers in the order
/// of the questions.
///
/// Oracles: libnbd's nbdinfo and nbdcopy, qemu-img, qemu-io and nbdkit as clients; qemu-nbd and
/// nbdkit as servers. None of these as Debian 12 has them speaks extended headers: those are only
/// proven between our own two ends and against the text of the specification.
@NullMarked
package io.calco.nbd;

import org.jspecify.annotations.NullMarked;
