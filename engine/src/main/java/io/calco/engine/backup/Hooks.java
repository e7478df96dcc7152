package io.calco.engine.backup;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Commands of the user's own that run on this host before and after a backup, by `sh -c`: they
/// make and remove a snapshot, stop and start a database. What they print goes to standard error.
/// Their environment has `CALCO_SOURCE`, and `CALCO_RESULT` after it, `done` or `failed`.
///
/// @param before runs before the source is looked at; when it fails nothing is backed up
/// @param after runs when the other one has been run and did not fail, whatever came of the backup
public record Hooks(Optional<String> before, Optional<String> after) {

  /// No commands.
  public static Hooks none() {
    return new Hooks(Optional.empty(), Optional.empty());
  }

  /// What runs between them.
  interface Work<T> {
    T run() throws IOException;
  }

  /// Runs work between the two.
  ///
  /// @throws OperationException SYSTEM when a command fails: of the second one the work is done
  <T> T around(Path source, Work<T> work) throws IOException {
    if (before.isPresent()) {
      int exit = run(before.get(), Map.of("CALCO_SOURCE", source.toString()));
      if (exit != 0) {
        throw failed("before", exit, "nothing was backed up");
      }
    }
    T result;
    try {
      result = work.run();
    } catch (IOException | RuntimeException e) {
      try {
        runAfter(source, "failed");
      } catch (IOException | RuntimeException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
    int exit = runAfter(source, "done");
    if (exit != 0) {
      throw failed("after", exit, "the restore point is made");
    }
    return result;
  }

  private int runAfter(Path source, String result) throws IOException {
    return after.isEmpty()
        ? 0
        : run(after.get(), Map.of("CALCO_SOURCE", source.toString(), "CALCO_RESULT", result));
  }

  private static OperationException failed(String which, int exit, String so) {
    return new OperationException(
        Kind.SYSTEM, "the command %s the backup ended with %d".formatted(which, exit), so);
  }

  private static int run(String command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("sh", "-c", "eval \"$1\" >&2 </dev/null", "sh", command))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
