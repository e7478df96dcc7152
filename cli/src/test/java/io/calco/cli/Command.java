package io.calco.cli;

import io.calco.testkit.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Commands as a user gives them.
final class Command {
  private static final String HEAP = "144m";

  private Command() {}

  /// What a command answered.
  record Answer(List<String> command, int exit, String out, String err) {
    Answer exits(int code) {
      if (exit != code) {
        throw new AssertionError("expected exit code " + code + " of " + this);
      }
      return this;
    }
  }

  /// Runs a command in this process. Not for several threads at once: it takes the process's
  /// standard streams.
  static Answer calco(Object... words) {
    String[] arguments = Arrays.stream(words).map(Object::toString).toArray(String[]::new);
    PrintStream out = System.out;
    PrintStream err = System.err;
    var answer = new ByteArrayOutputStream();
    var remarks = new ByteArrayOutputStream();
    try (var newOut = new PrintStream(answer, true, StandardCharsets.UTF_8);
        var newErr = new PrintStream(remarks, true, StandardCharsets.UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      int exit = Main.execute(arguments);
      return new Answer(
          List.of(arguments),
          exit,
          answer.toString(StandardCharsets.UTF_8),
          remarks.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /// The words that start a command in a process of its own.
  private static List<String> words(String classPath, Object... arguments) {
    return words(HEAP, classPath, arguments);
  }

  private static List<String> words(String heap, String classPath, Object... arguments) {
    // Who starts the tests may ignore Ctrl-C, as a shell does for what runs in its background.
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx" + heap, "-Xlog:disable"));
    words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
    words.add("io.calco.cli.Main");
    Arrays.stream(arguments).map(Object::toString).forEach(words::add);
    return words;
  }

  private static String classPath() {
    String classPath = System.getProperty("java.class.path");
    return System.getProperty("surefire.test.class.path", classPath);
  }

  /// Starts a command in a process of its own, which nobody listens to.
  static Process start(Object... arguments) throws IOException {
    return new ProcessBuilder(words(classPath(), arguments))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /// Starts a command in a process of its own, whose standard output is for the caller to read.
  static Process listening(Map<String, String> environment, Object... arguments)
      throws IOException {
    return listeningWith(HEAP, environment, arguments);
  }

  /// The same with a heap of that many bytes, as `-Xmx` takes it.
  static Process listeningWith(String heap, Map<String, String> environment, Object... arguments)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(words(heap, classPath(), arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// The same, with what it remarks in a file.
  static Process listening(Path remarks, Map<String, String> environment, Object... arguments)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(words(classPath(), arguments)).redirectError(remarks.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// Runs a command in a process of its own, whose standard output goes to a file.
  static int sent(Path output, Object... arguments) throws IOException {
    Process process =
        new ProcessBuilder(words(classPath(), arguments))
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      throw new InterruptedIOException();
    }
  }

  /// Starts a command in a process of its own, on a terminal whose other end the caller has.
  static Process onTerminal(Object... arguments) throws IOException {
    List<String> all = new ArrayList<>();
    all.add(Oracle.named("python3").program().toString());
    all.add("-c");
    all.add("import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))");
    all.addAll(words(classPath(), arguments));
    return new ProcessBuilder(all).redirectErrorStream(true).start();
  }

  /// Copies this program to where an ordinary user can read it.
  ///
  /// @return the class path
  static String readable(Path directory) throws IOException {
    Files.createDirectory(directory);
    List<String> copies = new ArrayList<>();
    for (String entry : classPath().split(":", -1)) {
      Path from = Path.of(entry);
      if (Files.exists(from) && !entry.contains("test-classes")) {
        Path copy = directory.resolve(copies.size() + "-" + from.getFileName());
        Oracle.named("cp").run("-r", from, copy).succeeds();
        copies.add(copy.toString());
      }
    }
    return String.join(":", copies);
  }

  /// Runs a command as an ordinary user, which root can become.
  static Answer asNobody(String classPath, Object... arguments) {
    List<Object> words = new ArrayList<>();
    words.addAll(List.of("--reuid=65534", "--regid=65534", "--clear-groups"));
    words.addAll(words(classPath, arguments));
    Oracle.Run run = Oracle.named("setpriv").run(Map.of("HOME", "/nonexistent"), words.toArray());
    return new Answer(run.command(), run.exit(), run.out(), run.err());
  }

  /// Takes immutable flags off, so that a temporary directory may go.
  static void unlock(Path directory) {
    Oracle.find("chattr").ifPresent(chattr -> chattr.run("-R", "-f", "-i", directory));
  }
}
