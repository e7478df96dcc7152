package io.calco.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a new file goes, by the name that a user gave.
final class TargetFile {
  private TargetFile() {}

  /// The place that `name` means; a link stays a link, and the file behind it is the place.
  ///
  /// @throws OperationException when something other than a plain file would be replaced
  static Path of(Path name) throws IOException {
    if (Files.isDirectory(name)) {
      throw new OperationException(
          OperationException.Kind.USAGE, name + ": is a directory, a file name is needed");
    }
    if (Files.exists(name) && !Files.isRegularFile(name)) {
      throw new OperationException(
          OperationException.Kind.REFUSED,
          name + ": is not a plain file, and would be replaced by one",
          "write into it as it is with -n");
    }
    return Files.exists(name) ? name.toRealPath() : name.toAbsolutePath();
  }
}
