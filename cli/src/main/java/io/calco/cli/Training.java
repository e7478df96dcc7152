package io.calco.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Runs the commands of a list in one process, for the AOT cache to learn what they load.
///
/// The list has one command line per line, words parted by blanks; empty lines and those that begin
/// with `#` are passed over. What the commands print is shown only for one that fails; the rest of
/// the list runs all the same. In the end it calls [System#exit], as a command that fails does, for
/// its classes to be in the cache too.
public final class Training {
  private Training() {}

  /// Runs the list.
  ///
  /// @param args the list's path
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    Main.prepare(false);
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.strip().split("\\s+");
      var shown = new ByteArrayOutputStream();
      int exit;
      try (var sink = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
        System.setOut(sink);
        System.setErr(sink);
        exit = Main.execute(words);
      } finally {
        System.setOut(out);
        System.setErr(err);
      }
      if (exit != 0) {
        err.println("training: calco " + line + ": exit " + exit);
        err.println(shown.toString(StandardCharsets.UTF_8));
      }
    }
    System.exit(0);
  }
}
