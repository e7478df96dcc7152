package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.UsedBlocks;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a partition is known by, wherever it lies; the words are fstab(5)'s.
///
/// @param by what is compared
/// @param value with this; UUIDs and types in upper or lower case
public record PartitionIdentity(By by, String value) {
  /// What a partition can be known by.
  public enum By {
    /// What its table calls it.
    PARTUUID,
    /// A GPT's name of it.
    PARTLABEL,
    /// The UUID of the file system in it.
    UUID,
    /// The label of the file system in it.
    LABEL,
    /// Its type, as its table writes it: `0x83`, or a GUID.
    TYPE
  }

  /// Reads `UUID=…` and the like.
  ///
  /// @throws OperationException USAGE when it is nothing of the kind
  public static PartitionIdentity parse(String text) {
    int equals = text.indexOf('=');
    for (By by : By.values()) {
      if (equals > 0 && by.name().equals(text.substring(0, equals).toUpperCase(Locale.ROOT))) {
        return new PartitionIdentity(by, text.substring(equals + 1));
      }
    }
    throw new OperationException(
        Kind.USAGE,
        "--into: found \"%s\", expected PARTUUID=, PARTLABEL=, UUID=, LABEL= or TYPE="
            .formatted(text));
  }

  /// The one partition that is known so.
  ///
  /// @param target for messages
  /// @throws OperationException NOT_FOUND when there is none, REFUSED when there are several
  Partition find(PartitionTable table, Disk disk, Path target) throws IOException {
    List<Partition> found = new ArrayList<>();
    for (Partition partition : table.partitions()) {
      if (!partition.extended() && matches(partition, disk)) {
        found.add(partition);
      }
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new OperationException(
        found.isEmpty() ? Kind.NOT_FOUND : Kind.REFUSED,
        "%s: has %s with %s=%s"
            .formatted(
                target,
                found.isEmpty() ? "no partition" : found.size() + " partitions",
                by,
                value));
  }

  private boolean matches(Partition partition, Disk disk) throws IOException {
    return switch (by) {
      case PARTUUID -> partition.uuid().filter(value::equalsIgnoreCase).isPresent();
      case PARTLABEL -> partition.name().equals(value);
      case TYPE -> partition.type().code().equalsIgnoreCase(value);
      case UUID ->
          facts(partition.slice(disk))
              .flatMap(FileSystemFacts::uuid)
              .filter(value::equalsIgnoreCase)
              .isPresent();
      case LABEL ->
          facts(partition.slice(disk))
              .flatMap(FileSystemFacts::label)
              .filter(value::equals)
              .isPresent();
    };
  }

  private static Optional<FileSystemFacts> facts(Disk content) throws IOException {
    try {
      Optional<FileSystemType> type = FileSystems.probe(content);
      if (type.isEmpty()) {
        return Optional.empty();
      }
      UsedBlocks found = type.get().openUsedBlocks(content);
      try {
        return Optional.of(found.facts());
      } finally {
        if (found instanceof FileSystem files) {
          files.close();
        }
      }
    } catch (DiskException damaged) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return by + "=" + value;
  }
}
