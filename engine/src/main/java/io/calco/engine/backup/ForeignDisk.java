package io.calco.engine.backup;

import io.calco.sys.Cryptography;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// A disk that somebody else kept, and that can be taken in as a restore point.
///
/// @param place what [io.calco.disk.Image] opens: a file, or `DIRECTORY#DISK`
/// @param kind what keeps it
/// @param format of its image, where that is stated
/// @param set what belongs together, and has one machine: the directory of an image with several
///   disks
/// @param name of the set, which stands for the machine's where no better one is found
/// @param machine whose it is, where that is told
/// @param created when it was kept
/// @param label what a person would call it
/// @param note what else is told
/// @param identity what makes it this one and no other, wherever it lies
public record ForeignDisk(
    Path place,
    Kind kind,
    Optional<String> format,
    Path set,
    String name,
    Optional<String> machine,
    Instant created,
    Optional<String> label,
    Optional<String> note,
    List<String> identity) {

  private static final long VERSION_BITS = 0xf000L;
  private static final long VERSION_8 = 0x8000L;
  private static final long VARIANT_REST = 0x3fff_ffff_ffff_ffffL;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  /// What keeps disks.
  public enum Kind {
    /// A directory that Clonezilla saved.
    CLONEZILLA,
    /// A folder of Windows' image backups.
    WINDOWS_IMAGE_BACKUP,
    /// A file: an image of any format, one of a file system by partclone among them.
    IMAGE;

    /// As JSON has it.
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// Copies the list.
  public ForeignDisk {
    identity = List.copyOf(identity);
  }

  /// The id that its point gets: a UUID of version 8 (RFC 9562), the SHA-256 of its kind and
  /// identity, so that the same is known again.
  public UUID id() {
    MessageDigest digest = Cryptography.sha256();
    digest.update(kind.word().getBytes(StandardCharsets.UTF_8));
    for (String part : identity) {
      digest.update((byte) 0);
      digest.update(part.getBytes(StandardCharsets.UTF_8));
    }
    java.nio.ByteBuffer sum = java.nio.ByteBuffer.wrap(digest.digest());
    long high = (sum.getLong() & ~VERSION_BITS) | VERSION_8;
    long low = (sum.getLong() & VARIANT_REST) | VARIANT;
    return new UUID(high, low);
  }
}
