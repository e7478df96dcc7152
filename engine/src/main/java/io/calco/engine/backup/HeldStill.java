package io.calco.engine.backup;

import io.calco.disk.ThreadEnd;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.Mounts.Mount;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// File systems that are frozen (`fsfreeze(8)`, FIFREEZE): all that was written to them is on their
/// device, and who writes waits.
///
/// A child process freezes and thaws them. It waits for the end of what we tell it, and that comes
/// with our own end, whatever it is: `kill -9` thaws them, too.
final class HeldStill implements AutoCloseable {
  /// $@: where they are mounted.
  private static final String WATCHDOG =
      """
      trap '' INT TERM HUP PIPE
      frozen=0
      failed=0
      thaw() {
        for point; do
          [ "$frozen" -gt 0 ] || break
          frozen=$((frozen - 1))
          fsfreeze --unfreeze "$point" || failed=1
        done
      }
      for point; do
        if fsfreeze --freeze "$point"; then frozen=$((frozen + 1)); else thaw "$@"; exit 1; fi
      done
      echo frozen
      read -r word
      thaw "$@"
      exit $failed
      """;

  private static final long PATIENCE = 60; // seconds

  private final Process watchdog;

  private HeldStill(Process watchdog) {
    this.watchdog = watchdog;
  }

  /// Freezes all file systems of a device that can be written.
  ///
  /// @param needed files that we write meanwhile
  /// @throws OperationException REFUSED when one of them is ours to write to, or cannot be frozen
  static HeldStill freeze(HostDevice device, DeviceUse use, List<Path> needed) throws IOException {
    if (!use.unexplained().isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: %s is in use, and not by a file system that could be frozen"
              .formatted(device.path(), use.unexplained().getFirst()),
          "take it as after a loss of power: --allow-live");
    }
    Map<String, Mount> wanted = new LinkedHashMap<>();
    for (Mount mount : use.mounts()) {
      if (mount.writable()) {
        wanted.putIfAbsent(mount.device(), mount);
      }
    }
    requireNotOurs(wanted, needed);
    List<String> command = new ArrayList<>(List.of("sh", "-c", WATCHDOG, "calco"));
    wanted.values().forEach(mount -> command.add(mount.point().toString()));
    return begin(command, device);
  }

  private static HeldStill begin(List<String> command, HostDevice device) throws IOException {
    Process watchdog = new ProcessBuilder(command).redirectErrorStream(true).start();
    HeldStill held = new HeldStill(watchdog);
    try {
      BufferedReader told = watchdog.inputReader();
      StringBuilder all = new StringBuilder();
      for (String line = told.readLine(); line != null; line = told.readLine()) {
        if (line.equals("frozen")) {
          return held;
        }
        all.append(all.isEmpty() ? "" : "; ").append(line);
      }
      throw new OperationException(
          Kind.REFUSED,
          "%s: cannot be held still: %s".formatted(device.path(), all),
          "only root can, and not every file system; without --freeze: --allow-live");
    } catch (IOException | RuntimeException e) {
      watchdog.outputWriter().close(); // it thaws what it froze
      throw e;
    }
  }

  /// We would wait for ourselves.
  private static void requireNotOurs(Map<String, Mount> wanted, List<Path> needed)
      throws IOException {
    List<Path> ours = new ArrayList<>(needed);
    ours.add(Path.of("/tmp")); // the runtime's own, whatever java.io.tmpdir says
    ours.add(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    ours.addAll(written());
    Mounts table = Mounts.read();
    for (Path file : ours) {
      Optional<Mount> mount = table.holding(file);
      if (mount.isPresent() && wanted.containsKey(mount.get().device())) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: cannot be held still: Calco itself writes to %s"
                .formatted(mount.get().point(), file),
            "start another system, or take it as after a loss of power: --allow-live");
      }
    }
  }

  /// Plain files that we have open for writing, the one that our output goes to among them.
  private static List<Path> written() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : open) {
        Path info = Path.of("/proc/self/fdinfo").resolve(descriptor.getFileName());
        if (Files.isRegularFile(descriptor) && isWriting(info)) {
          files.add(descriptor.toRealPath());
        }
      }
    } catch (NoSuchFileException closedMeanwhile) {
      return files;
    }
    return files;
  }

  private static boolean isWriting(Path info) throws IOException {
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("flags:"))
        .anyMatch(line -> Integer.parseInt(line.substring(6).strip(), 8) % 4 != 0);
  }

  /// Thaws them.
  ///
  /// @throws IOException when one could not be thawed
  @Override
  public void close() throws IOException {
    watchdog.outputWriter().close();
    ThreadEnd.result(watchdog.onExit().completeOnTimeout(watchdog, PATIENCE, TimeUnit.SECONDS));
    if (watchdog.isAlive() || watchdog.exitValue() != 0) {
      throw new IOException("file systems may still be frozen: thaw them with fsfreeze --unfreeze");
    }
  }
}
