package io.calco.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The commands of a guide, one after another in one process: a process has one working directory,
/// and a Java program cannot change its own.
///
/// Leaves beside the list, for each of its lines from 0 on, a file `answer-N`: the exit code, and
/// from the second line on what a terminal would show. Words are parted by blanks; `""` is an empty
/// one.
final class GuideSession {
  private GuideSession() {}

  /// Runs the list.
  ///
  /// @param args the list's path
  public static void main(String[] args) throws IOException {
    Path list = Path.of(args[0]).toAbsolutePath();
    int line = 0;
    for (String command : Files.readAllLines(list)) {
      Files.writeString(list.resolveSibling("answer-" + line++), answer(command.split(" +")));
    }
    System.exit(0);
  }

  private static String answer(String[] words) {
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].equals("\"\"") ? "" : words[i];
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    var shown = new ByteArrayOutputStream();
    int exit;
    try (var terminal = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
      System.setOut(terminal);
      System.setErr(terminal);
      exit = Main.execute(words);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return exit + "\n" + shown.toString(StandardCharsets.UTF_8);
  }
}
