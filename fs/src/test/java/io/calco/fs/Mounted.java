package io.calco.fs;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/// A file system that the kernel has mounted, where this user may do that.
///
/// @param path where
public record Mounted(Path path) implements AutoCloseable {

  /// Mounts an image, or skips the test where that cannot be done.
  ///
  /// @param type as `mount -t` takes it
  public static Mounted of(Path image, String type, String options) throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new TestAbortedException("skipped: mounting needs root");
    }
    Path path = Files.createTempDirectory("calco-mount");
    Oracle.Run run = Oracle.named("mount").run("-t", type, "-o", "loop," + options, image, path);
    if (run.exit() != 0) {
      Files.delete(path);
      throw new TestAbortedException("skipped: no loop device can be mounted here: " + run);
    }
    return new Mounted(path);
  }

  /// Runs a shell script in the root of the file system.
  public void shell(String script) {
    Oracle.named("bash").run("-ec", "cd '" + path + "'\n" + script).succeeds();
  }

  @Override
  public void close() throws IOException {
    Oracle.named("umount").run(path).succeeds();
    Files.delete(path);
  }
}
