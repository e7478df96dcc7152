package io.calco.ssh;

import java.nio.file.Path;
import java.util.Optional;

/// How to know an SSH server, and how to be known to it.
///
/// @param sshDirectory the user's `.ssh`: holds `known_hosts`, and the keys `id_ed25519`,
///   `id_ecdsa` and `id_rsa` that are tried when none is named
/// @param identity the file of a private key, not protected by a passphrase
/// @param passwordFile its first line is the password; given away only once the server's key is
///   known
/// @param fingerprint of the server's key, `SHA256:` and 43 characters, as `ssh-keygen -l` prints
///   it; `known_hosts` is not asked then
public record SshLogin(
    Path sshDirectory,
    Optional<Path> identity,
    Optional<Path> passwordFile,
    Optional<String> fingerprint) {

  /// With what lies in the user's `.ssh`.
  public static SshLogin of(Path sshDirectory) {
    return new SshLogin(sshDirectory, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// The same with a private key of that file, and no other.
  public SshLogin withIdentity(Path file) {
    return new SshLogin(sshDirectory, Optional.of(file), passwordFile, fingerprint);
  }

  /// The same with a password that is the first line of a file.
  public SshLogin withPasswordFile(Path file) {
    return new SshLogin(sshDirectory, identity, Optional.of(file), fingerprint);
  }

  /// The same with a server whose key has that fingerprint, and no other.
  public SshLogin withFingerprint(String sha256) {
    return new SshLogin(sshDirectory, identity, passwordFile, Optional.of(sha256));
  }
}
