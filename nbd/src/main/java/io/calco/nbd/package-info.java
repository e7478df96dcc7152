/// The network block device protocol: a [io.calco.disk.Disk] that other programs read over a
/// socket.
///
/// [NbdServer] is the way in. Specification: `doc/proto.md` of the NetworkBlockDevice project, the
/// fixed newstyle handshake and simple replies.
///
/// | | |
/// |---|---|
/// | served | `NBD_OPT_EXPORT_NAME` `ABORT` `LIST` `INFO` `GO`; `NBD_CMD_READ` `DISC` |
/// | refused, with the protocol's own answer | TLS, structured replies, contexts and what is newer (`NBD_REP_ERR_UNSUP`); writing in any form (`NBD_EPERM`); other commands (`NBD_EINVAL`) |
///
/// Exports are read only, whatever their disk can do. A client is hostile: what it says of lengths
/// is bounded before anything is set aside, and one that breaks the protocol is hung up on. A
/// server on a Unix socket is as private as the directory that the socket lies in.
///
/// Thread rule: a server is safe; each connection has a thread of its own and answers in the order
/// of the questions.
///
/// Oracles: qemu-img and QEMU as clients.
@NullMarked
package io.calco.nbd;

import org.jspecify.annotations.NullMarked;
