package io.calco.engine;

import io.calco.sys.FileSeal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How firmly a template's disk is sealed.
public enum Seal {
  /// Not at all, or it is not there.
  BROKEN,
  /// Its mode is read-only.
  READ_ONLY,
  /// Nobody can write, rename or delete it, root included.
  IMMUTABLE;

  static Seal of(Path disk) throws IOException {
    if (!Files.exists(disk)) {
      return BROKEN;
    }
    return switch (FileSeal.strength(disk)) {
      case NONE -> BROKEN;
      case MODE -> READ_ONLY;
      case IMMUTABLE -> IMMUTABLE;
    };
  }
}
