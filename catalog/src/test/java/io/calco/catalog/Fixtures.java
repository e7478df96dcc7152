package io.calco.catalog;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Records with something in every field.
final class Fixtures {
  static final Instant THEN = Instant.parse("2026-11-20T10:11:12.123456Z");

  private Fixtures() {}

  static NewVersion version(int number, String disk) {
    return new NewVersion(
        number,
        Path.of(disk),
        "raw",
        4L << 30,
        5L << 30,
        1_700_000_000_123_456_789L,
        "ab".repeat(32),
        "/home/ana/máquina.raw",
        "Debian GNU/Linux 12 (bookworm)");
  }

  static ImageData data(long size) {
    return new ImageData(
        Catalog.newId(), size, OptionalLong.of(1L << 30), "m", "s256", "s512", "upload");
  }

  static Clone linked(String name, TemplateVersion version) {
    return new Clone(
        Catalog.newId(),
        name,
        "debian12",
        version.version(),
        Optional.of(version.id()),
        Clone.Kind.LINKED,
        Path.of("/pool/" + name + ".qcow2"),
        "qcow2",
        20L << 30,
        name,
        Optional.of("0123456789abcdef0123456789abcdef"),
        List.of(
            new Clone.HostKey("ed25519", "SHA256:b", "ssh-ed25519 AAAA"),
            new Clone.HostKey("ecdsa", "SHA256:a", "ecdsa-sha2-nistp256 BBBB")),
        THEN);
  }

  static Clone full(String name, TemplateVersion version) {
    return as(linked(name, version), Clone.Kind.FULL);
  }

  static Clone as(Clone clone, Clone.Kind kind) {
    return new Clone(
        clone.id(),
        clone.name(),
        clone.template(),
        clone.templateVersion(),
        clone.versionId(),
        kind,
        clone.disk(),
        clone.format(),
        clone.virtualSize(),
        clone.hostname(),
        clone.machineId(),
        clone.hostKeys(),
        clone.createdAt());
  }
}
