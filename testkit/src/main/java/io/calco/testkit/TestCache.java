package io.calco.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Files that take long to make, made once per machine and shared by all test runs.
///
/// They lie in `$CALCO_TEST_CACHE` (default `~/.cache/calco-tests`), which may be deleted at any
/// time when no test runs. A test that writes to one of them spoils it for all others: copy first.
public final class TestCache {
  // A file lock keeps processes apart, but not the threads of one.
  private static final ConcurrentHashMap<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  private TestCache() {}

  /// Makes a file or directory at the path given, which does not exist.
  @FunctionalInterface
  public interface Maker {
    /// Makes it.
    void make(Path target) throws IOException;
  }

  /// The cached file or directory of this name, made first if it is not there. It is made under
  /// another name and renamed, so what is there is complete.
  ///
  /// @param name with the version of what makes it, as a changed maker changes nothing by itself
  public static Path get(String name, Maker maker) {
    try {
      Path cached = Files.createDirectories(directory()).resolve(name);
      ReentrantLock lock = LOCKS.computeIfAbsent(cached, key -> new ReentrantLock());
      lock.lock();
      try (FileChannel file =
              FileChannel.open(
                  cached.resolveSibling(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var held = file.lock()) {
        if (held.isValid() && !Files.exists(cached)) {
          Path part = cached.resolveSibling(name + ".part");
          deleteAll(part);
          maker.make(part);
          Files.move(part, cached, StandardCopyOption.ATOMIC_MOVE);
        }
        return cached;
      } finally {
        lock.unlock();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + name + " for the test cache", e);
    }
  }

  private static Path directory() {
    String asked = System.getenv().getOrDefault("CALCO_TEST_CACHE", "");
    return asked.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "calco-tests")
        : Path.of(asked).toAbsolutePath();
  }

  private static void deleteAll(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (var paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
