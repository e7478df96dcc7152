package io.calco.engine;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A clone.
///
/// @param name its own
/// @param template the template's name
/// @param templateVersion which version of it
/// @param kind linked or full
/// @param disk its disk
/// @param format of that disk
/// @param virtualSize bytes that the guest sees
/// @param allocatedSize host blocks that its disk takes, in bytes; 0 when it is missing
/// @param hostname of the machine
/// @param machineId the machine's, when it was given; otherwise the first boot makes one
/// @param hostKeys its SSH host keys
/// @param createdAt when
public record CloneReport(
    String name,
    String template,
    int templateVersion,
    CloneKind kind,
    Path disk,
    String format,
    long virtualSize,
    long allocatedSize,
    String hostname,
    Optional<String> machineId,
    List<HostKey> hostKeys,
    Instant createdAt) {

  /// Copies the list.
  public CloneReport {
    hostKeys = List.copyOf(hostKeys);
  }

  /// A public SSH host key.
  ///
  /// @param type as OpenSSH names it: `ssh-ed25519`
  /// @param fingerprint `SHA256:…`
  /// @param publicKey the base64 text between type and comment
  public record HostKey(String type, String fingerprint, String publicKey) {}

  /// Lines for a `known_hosts` file.
  public List<String> knownHosts() {
    return hostKeys.stream()
        .map(key -> hostname + " " + key.type() + " " + key.publicKey())
        .toList();
  }
}
