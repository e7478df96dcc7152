package io.calco.fs.guestfish;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/// What libguestfs needs: its programs, and a kernel to boot its helper with. It is the second
/// engine, which no machine has to have.
final class GuestfishHost {
  private GuestfishHost() {}

  /// Skips the test where libguestfs cannot run, or may hang on a processor's virtualisation that
  /// is there but does not work.
  static void require() {
    if (System.getenv("LIBGUESTFS_BACKEND_SETTINGS") == null) {
      throw new TestAbortedException("skipped: ./test sets LIBGUESTFS_BACKEND_SETTINGS=force_tcg");
    }
    if (Oracle.find("guestfish").isEmpty() || !hasKernel()) {
      throw new TestAbortedException("skipped: libguestfs, or a kernel for it, is not installed");
    }
  }

  private static boolean hasKernel() {
    try (Stream<Path> files = Files.list(Path.of("/boot"))) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("vmlinuz"));
    } catch (IOException e) {
      return false;
    }
  }
}
