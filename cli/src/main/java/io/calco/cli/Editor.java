package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The editor of whoever sits here: `$VISUAL` or `$EDITOR`, else `vi`.
final class Editor {
  private Editor() {}

  /// What a person makes of a text.
  ///
  /// @param name of the file that they see, for their editor to know its kind
  /// @throws OperationException when the editor fails, or was stopped
  static byte[] edit(byte[] text, String name) throws IOException {
    Path directory = Files.createTempDirectory("calco-edit"); // its owner's alone
    Path copy = directory.resolve(name);
    try {
      Files.write(copy, text);
      run(copy);
      return Files.readAllBytes(copy);
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(directory);
    }
  }

  private static void run(Path copy) throws IOException {
    String editor =
        Optional.ofNullable(System.getenv("VISUAL"))
            .or(() -> Optional.ofNullable(System.getenv("EDITOR")))
            .orElse("vi");
    // As git and crontab do: the variable may hold options, so a shell splits it.
    Process process =
        new ProcessBuilder(List.of("/bin/sh", "-c", editor + " \"$1\"", "sh", copy.toString()))
            .inheritIO()
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new OperationException(
            Kind.CANCELLED,
            "the editor ended with " + process.exitValue() + ": nothing was changed");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new OperationException(Kind.CANCELLED, "stopped");
    }
  }
}
