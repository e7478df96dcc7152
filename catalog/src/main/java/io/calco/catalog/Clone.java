package io.calco.catalog;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A disk made from a template, or adopted from others.
///
/// @param id never changes and never comes again
/// @param name unique among clones
/// @param template its template's name; once that is deleted, its last; empty when it never had one
/// @param templateVersion the version's number; 0 when there is none
/// @param versionId the version's record; empty once that is deleted
/// @param kind whether it needs the template's disk
/// @param disk the file, absolute; unique
/// @param format of that file
/// @param virtualSize bytes that the guest sees
/// @param hostname of the machine
/// @param machineId when it was given
/// @param hostKeys its SSH host keys
/// @param createdAt when
public record Clone(
    String id,
    String name,
    String template,
    int templateVersion,
    Optional<String> versionId,
    Kind kind,
    Path disk,
    String format,
    long virtualSize,
    String hostname,
    Optional<String> machineId,
    List<HostKey> hostKeys,
    Instant createdAt) {

  /// Copies the list.
  public Clone {
    hostKeys = List.copyOf(hostKeys);
  }

  /// Whether a clone needs its template's disk.
  public enum Kind {
    /// An overlay on it.
    LINKED,
    /// Independent of it.
    FULL
  }

  /// A public SSH host key.
  ///
  /// @param type as OpenSSH names it: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`
  /// @param fingerprint `SHA256:…`
  /// @param publicKey algorithm and base64, as a `known_hosts` line has them after the name
  public record HostKey(String type, String fingerprint, String publicKey) {}

  /// What it was made from, for a person: `debian12 v1`; empty when it is no template's.
  public Optional<String> origin() {
    return template.isEmpty()
        ? Optional.empty()
        : Optional.of("%s v%d".formatted(template, templateVersion));
  }

  /// True when it needs its template's disk.
  public boolean linked() {
    return kind == Kind.LINKED;
  }
}
