package io.calco.engine.backup.served;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A restore that somebody asks a server for.
///
/// @param place where to
/// @param layout `as-saved`, `grow-last` or `proportional`
/// @param partitions which are written, into the target's own table; empty for the whole disk
/// @param delta whether a target that is there is read first, and only written where it differs
public record RestoreOrder(Place place, String layout, Set<Integer> partitions, boolean delta) {
  /// Copies the set.
  public RestoreOrder {
    partitions = Set.copyOf(partitions);
  }

  /// Where a restore writes.
  public sealed interface Place {
    /// A file.
    ///
    /// @param directory one of those that the settings name
    /// @param name of the file: letters, digits, `.`, `_`, `-`
    /// @param format of it; empty for raw
    /// @param size of a new one in bytes; empty for the point's
    record InFile(Path directory, String name, Optional<String> format, OptionalLong size)
        implements Place {}

    /// A disk of the host.
    ///
    /// @param path one of those that nobody uses
    record OnDevice(Path path) implements Place {}
  }
}
