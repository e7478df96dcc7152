/// Objects on a share of a Windows or Samba server, by SMB 2.1 to 3.1.1.
///
/// [SmbDirectory] is a [io.calco.store.backend.Backend]; [SmbPlace] says where. The protocol is
/// smbj's. All is signed, and encrypted where the server can; guests are refused. The password
/// comes from a file as mount.cifs takes it.
///
/// # Write order
///
/// `.part\UUID` is written, its length compared, flushed, renamed over the object's name, flushed
/// again. Servers refuse to replace a file while somebody has it open, so that is tried for ten
/// seconds: readers hold a file for one read. A file is renamed into `.part` before it is deleted,
/// as a name would stay in listings for as long as somebody reads. What a put leaves that is cut
/// off, [SmbDirectory#sweep] deletes a day after it was last written, by the server's clock.
///
/// # Trust
///
/// What a server answers is hostile: lengths are compared, names filtered, listings bounded, and
/// each answer must come within 30 seconds.
///
/// Oracle: Samba's `smbd`.
///
/// Thread rule: see each type.
@NullMarked
package io.calco.store.smb;

import org.jspecify.annotations.NullMarked;
