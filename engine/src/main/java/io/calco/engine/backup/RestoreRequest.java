package io.calco.engine.backup;

import io.calco.backup.Restore;
import io.calco.backup.layout.Layout;
import io.calco.backup.layout.SfdiskPlaces;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A restore that somebody wants.
///
/// @param target a block device, an image that is there, or the name of one to be made
/// @param format of the image, where it is known; a new one is raw without it
/// @param size of a new image in bytes; empty for the point's
/// @param layout where the partitions of a whole disk come to lie
/// @param partitions which are written, into the target's own table; empty for the whole disk
/// @param writing whether a target that is there is read first
/// @param proof whether what was written is read again
/// @param into which partition of the target a single one is written over; empty for the one that
///   it was
/// @param guest what is changed then
public record RestoreRequest(
    Path target,
    Optional<String> format,
    OptionalLong size,
    Layout layout,
    Set<Integer> partitions,
    Writing writing,
    Restore.Proof proof,
    Optional<PartitionIdentity> into,
    RestoredGuest guest) {

  private static final int LIST_MAX = 1 << 20;

  /// Copies the set.
  public RestoreRequest {
    partitions = Set.copyOf(partitions);
  }

  /// One that only brings back what was saved.
  public RestoreRequest(
      Path target,
      Optional<String> format,
      OptionalLong size,
      Layout layout,
      Set<Integer> partitions,
      Writing writing,
      Restore.Proof proof) {
    this(
        target,
        format,
        size,
        layout,
        partitions,
        writing,
        proof,
        Optional.empty(),
        RestoredGuest.asSaved());
  }

  /// A layout by its name, or as a list of places.
  ///
  /// @param word `as-saved`, `grow-last`, `proportional`, or a file as `sfdisk --dump` writes it,
  ///   of at most 1 MiB
  public static Layout layout(String word) throws IOException {
    return switch (word) {
      case "as-saved" -> new Layout.AsSaved();
      case "grow-last" -> new Layout.GrowLast();
      case "proportional" -> new Layout.Proportional();
      default -> {
        Path file = Path.of(word);
        if (!Files.isRegularFile(file) || Files.size(file) > LIST_MAX) {
          throw new OperationException(
              Kind.USAGE,
              "--layout: found %s, expected as-saved, grow-last, proportional, or a file as sfdisk --dump writes it"
                  .formatted(word));
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        yield new Layout.Listed(SfdiskPlaces.parse(word, text));
      }
    };
  }

  /// How a target that is there is written.
  public enum Writing {
    /// All of it.
    ALL,
    /// Where it holds something else.
    DIFFERENCES
  }
}
