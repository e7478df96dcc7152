package io.calco.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A file that is written beside its place, and takes it when it is complete.
final class PartFile {
  private PartFile() {}

  /// A fresh name in the directory of `target`; nothing is created.
  static Path beside(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new OperationException(
          OperationException.Kind.USAGE, target + ": is a directory, a file name is needed");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new OperationException(
          OperationException.Kind.REFUSED,
          target + ": is not a plain file, and would be replaced by one",
          "write into it as it is with -n");
    }
    Path real = followed(target);
    Path name = real.getFileName();
    return real.resolveSibling(
        ".%s.%d-%x.part".formatted(name, ProcessHandle.current().pid(), System.nanoTime()));
  }

  /// Gives the complete file its name; a file of that name is replaced.
  static void publish(Path part, Path target) throws IOException {
    Files.move(part, followed(target), StandardCopyOption.ATOMIC_MOVE);
  }

  /// A link stays a link: the file behind it is replaced.
  private static Path followed(Path target) throws IOException {
    return Files.exists(target, LinkOption.NOFOLLOW_LINKS) && Files.exists(target)
        ? target.toRealPath()
        : target.toAbsolutePath();
  }
}
