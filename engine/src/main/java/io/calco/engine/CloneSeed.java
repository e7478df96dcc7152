package io.calco.engine;

import io.calco.catalog.Clone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/// The disc beside a clone's disk that tells cloud-init who it is: `NAME-seed.iso`.
final class CloneSeed {
  private static final String SUFFIX = "-seed.iso";
  private static final long MAX_BYTES = 128L << 20; // larger is none of ours

  private CloneSeed() {}

  /// Where it is, or would be.
  static Path beside(Path disk, String name) {
    return disk.resolveSibling(name + SUFFIX);
  }

  /// The clone's seed, when it is there: a file of that name which tells the clone's id. Another's
  /// file is left alone.
  static Optional<Path> of(Clone clone) throws IOException {
    Path file = beside(clone.disk(), clone.name());
    boolean ours =
        Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && Files.isReadable(file)
            && Files.size(file) <= MAX_BYTES
            && Files.readString(file, StandardCharsets.ISO_8859_1).contains(clone.id());
    return ours ? Optional.of(file) : Optional.empty();
  }
}
