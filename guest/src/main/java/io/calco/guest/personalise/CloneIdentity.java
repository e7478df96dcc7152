package io.calco.guest.personalise;

import io.calco.guest.sshkey.SshHostKey;
import java.util.List;
import java.util.Optional;

/// Who a clone is; holds no secret.
///
/// @param hostname its name
/// @param machineId empty when the clone makes it at first boot
/// @param sshHostKeys what it shows to who connects
/// @param knownHosts lines for a client's `known_hosts`, by the clone's name
public record CloneIdentity(
    String hostname,
    Optional<String> machineId,
    List<HostKeyFacts> sshHostKeys,
    List<String> knownHosts) {

  /// The public side of a host key.
  ///
  /// @param type as OpenSSH names it: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`
  /// @param bits its size
  /// @param fingerprint `SHA256:…`
  /// @param publicKey algorithm and base64
  public record HostKeyFacts(String type, int bits, String fingerprint, String publicKey) {}

  /// Copies the lists.
  public CloneIdentity {
    sshHostKeys = List.copyOf(sshHostKeys);
    knownHosts = List.copyOf(knownHosts);
  }

  static CloneIdentity of(String hostname, Optional<String> machineId, List<SshHostKey> keys) {
    return new CloneIdentity(
        hostname,
        machineId,
        keys.stream()
            .map(key ->
                new HostKeyFacts(
                    key.type().algorithm(), key.type().bits(), key.fingerprint(), key.publicKey()))
            .toList(),
        keys.stream().map(key -> hostname + " " + key.publicKey()).toList());
  }
}
