package io.calco.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Another program that knows the truth about what we wrote.
///
/// ```java
/// Oracle.named("qemu-img").run("check", image).succeeds();
/// ```
///
/// @param program the program's path
/// @param name what it was asked for by
public record Oracle(Path program, String name) {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  /// What qemu-img says before it has made anything, where a busy machine kept it from measuring
  /// how many rounds of PBKDF2 a LUKS passphrase should take.
  private static final String UNMEASURED = "Unable to get accurate CPU usage";

  private static final int TRIES = 30;

  /// The program of this name on the PATH, or in `/sbin` or `/usr/sbin`, where an ordinary user's
  /// PATH does not lead. Skips the test if there is none; with `CI=true` fails it.
  public static Oracle named(String name) {
    return find(name).orElseThrow(() -> Missing.required("the tool " + name + " is not installed"));
  }

  /// As [#named], for a program that `./test` does not install, since it would change the machine:
  /// what sets up networks, or the machine itself at its next start. Its absence skips the test.
  public static Oracle optional(String name) {
    return find(name).orElseThrow(() -> Missing.optional("the tool " + name + " is not installed"));
  }

  /// As [#named], without an opinion about its absence.
  public static Optional<Oracle> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Arrays.stream((path + ":/usr/sbin:/sbin").split(":"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Oracle(program, name));
  }

  /// Runs the program in the C locale with an empty standard input.
  ///
  /// @param arguments each made a word by `toString`
  public Run run(Object... arguments) {
    return run(Map.of(), arguments);
  }

  /// As [#run(Object...)], with more environment variables.
  ///
  /// @throws AssertionError if it takes more than fifteen minutes
  public Run run(Map<String, String> environment, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    var builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    try {
      Run run = finish(command, builder.start());
      for (int tries = 1; run.err().contains(UNMEASURED) && tries < TRIES; tries++) {
        run = finish(command, builder.start());
      }
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    }
  }

  private static Run finish(List<String> command, Process process) throws IOException {
    process.getOutputStream().close();
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(
            () -> text(process.getErrorStream()), task -> Thread.ofVirtual().start(task));
    CompletableFuture<String> out =
        CompletableFuture.supplyAsync(
            () -> text(process.getInputStream()), task -> Thread.ofVirtual().start(task));
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " took more than " + LIMIT);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + command, e);
    }
    return new Run(List.copyOf(command), process.exitValue(), out.join(), err.join());
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a program did.
  ///
  /// @param command the program and its arguments
  /// @param exit its exit code; above 128 the number of the signal that ended it plus 128
  /// @param out its standard output
  /// @param err its standard error
  public record Run(List<String> command, int exit, String out, String err) {

    /// Asserts that the exit code is 0.
    public Run succeeds() {
      return exits(0);
    }

    /// Asserts that the exit code is one of these.
    public Run exits(int... codes) {
      if (Arrays.stream(codes).noneMatch(code -> code == exit)) {
        throw new AssertionError("expected exit code " + Arrays.toString(codes) + " of " + this);
      }
      return this;
    }

    /// Asserts that standard output and standard error together hold this text.
    public Run says(String text) {
      if (!(out + err).contains(text)) {
        throw new AssertionError("expected \"" + text + "\" of " + this);
      }
      return this;
    }

    @Override
    public String toString() {
      return String.join(" ", command)
          + "\nexit code: "
          + exit
          + "\nstandard output:\n"
          + out
          + "\nstandard error:\n"
          + err;
    }
  }
}
