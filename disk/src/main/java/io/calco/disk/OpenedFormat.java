package io.calco.disk;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open image as its format sees it, before its backing image is found.
public interface OpenedFormat extends FormatDriver {

  /// What the header says; does not read the whole metadata.
  FormatInfo info() throws IOException;

  /// The host blocks that the image's other files take, in bytes; a backing image is none of them.
  default long companionsAllocated() throws IOException {
    return 0;
  }

  /// Compares all metadata with the specification's rules; never writes.
  VerifyReport verify(JobContext job) throws IOException;

  /// Mends what [#verify] finds, and verifies again.
  ///
  /// @param what how much may be changed
  /// @return what was found before, what was mended, and what remains
  VerifyReport repair(RepairScope what, JobContext job) throws IOException;

  /// Reasons not to take this image in from a stranger, each one line: what it wants to reach
  /// outside itself, and what readers of different makers would understand differently. What makes
  /// an image unfit for all use is refused when it is opened.
  default List<String> risks() throws IOException {
    return info()
        .backing()
        .map(below ->
            List.of("rests on another image, \"%s\"".formatted(OpenPolicy.printable(below.name()))))
        .orElse(List.of());
  }

  /// Records another backing image, or none; no guest data is moved.
  void changeBacking(Optional<BackingReference> backing) throws IOException;

  /// Changes options of [ImageFormat#createOptions] in an image just opened for writing, which must
  /// be closed and opened anew afterwards.
  ///
  /// @throws UnsupportedFeatureException when one cannot be changed, or not to that value; nothing
  ///   was changed
  default void amend(Map<String, String> options, JobContext job) throws IOException {
    throw new UnsupportedFeatureException("images of this format cannot be amended");
  }

  /// Gives up all guest bytes, so that the disk shows its backing image; after [#beginWrites]. Cut
  /// off, it holds some of them or none.
  ///
  /// @throws UnsupportedFeatureException when the format cannot
  default void empty() throws IOException {
    throw new UnsupportedFeatureException("images of this format cannot be emptied");
  }

  /// The internal snapshots, in formats that have them. They are changed under the rules of
  /// [FormatDriver] for a change, after [#beginWrites].
  default Optional<InternalSnapshots> snapshots() {
    return Optional.empty();
  }

  /// The dirty bitmaps, in formats that have them. They are changed as [#snapshots] are, and read
  /// as [#map] is called.
  default Optional<DirtyBitmaps> bitmaps() {
    return Optional.empty();
  }

  /// The passphrases that open the image, if it is encrypted by a method that knows several.
  default Optional<PassphraseSlots> passphraseSlots() {
    return Optional.empty();
  }
}
