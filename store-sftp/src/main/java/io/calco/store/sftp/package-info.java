/// Objects on an SSH server, by SFTP.
///
/// [SftpDirectory] is a [io.calco.store.backend.Backend]; [SftpPlace] says where,
/// [io.calco.ssh.SshLogin] how to log in.
///
/// SSH itself is Apache MINA SSHD's (`sshd-core`). SFTP is ours, on one of its channels: version 3
/// as OpenSSH has it (draft-ietf-secsh-filexfer-02, and `PROTOCOL` of OpenSSH for the extensions).
/// Why: `docs/decisions/0016-repositories-elsewhere.md`.
///
/// | extension | |
/// |---|---|
/// | `posix-rename@openssh.com` | needed: an object is replaced at one stroke |
/// | `fsync@openssh.com` | used where offered |
/// | `limits@openssh.com` | larger reads and writes, up to 255 KiB |
/// | `statvfs@openssh.com` | asked when a write was refused: is it full? |
///
/// # Write order
///
/// `.part/UUID` is written, its length compared, synced, renamed over the object's name, synced
/// again. A put that is cut off leaves a file there, which [SftpDirectory#sweep] deletes a day
/// after it was last written, by the server's clock.
///
/// # Trust
///
/// A server is believed to be the one that is meant by its key: in the user's `known_hosts`, or of
/// the fingerprint that was given; what was never seen is refused, and nothing is ever added there.
/// What it answers is hostile: lengths, names, numbers and words are bounded, answers that nobody
/// asked for end the connection, and each must come within 30 seconds. Keys come from files without
/// a passphrase, passwords from files; no agent is asked, and no `ssh_config` is read.
///
/// Oracle: OpenSSH's `sshd`.
///
/// Thread rule: see each type.
@NullMarked
package io.calco.store.sftp;

import org.jspecify.annotations.NullMarked;
