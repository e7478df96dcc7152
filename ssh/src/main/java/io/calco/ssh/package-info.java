/// SSH, for whoever has something to do on another host: store-sftp and libvirt.
///
/// [SshServer] says where, [SshLogin] how to log in; [SshConnection] is made when it is needed and
/// made again when it was lost. What is spoken on it is its user's: SFTP on a channel of theirs, or
/// what listens on a Unix socket there ([SshConnection#openSocket]), for which the other side needs
/// no program.
///
/// SSH itself is Apache MINA SSHD's (`sshd-core`). Why:
/// `docs/decisions/0016-repositories-elsewhere.md`.
///
/// # Trust
///
/// A server is believed to be the one that is meant by its key: in the user's `known_hosts`, or of
/// the fingerprint that was given; what was never seen is refused, and nothing is ever added there.
/// Keys come from files without a passphrase, passwords from files; no agent is asked, and no
/// `ssh_config` is read. Each step has a limit of time.
///
/// Oracle: OpenSSH's `sshd`.
///
/// Thread rule: values are values, [SshConnection] is safe.
@NullMarked
package io.calco.ssh;

import org.jspecify.annotations.NullMarked;
