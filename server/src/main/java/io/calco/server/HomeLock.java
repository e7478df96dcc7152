package io.calco.server;

import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.ProcessLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// One server serves a home: it holds a lock on a file in it, `serve.lock`, which says where it
/// listens. The kernel lets go of the lock with the process, however that ends.
final class HomeLock implements AutoCloseable {
  private static final String FILE = "serve.lock";
  private static final int ADDRESS_MAX_BYTES = 512;

  private final ProcessLock lock;

  private HomeLock(ProcessLock lock) {
    this.lock = lock;
  }

  /// Takes it.
  ///
  /// @throws OperationException of kind REFUSED when another server has it
  static HomeLock take(Home home) throws IOException {
    Path file = home.directory().resolve(FILE);
    Optional<ProcessLock> lock = ProcessLock.tryTake(file);
    if (lock.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: another server serves this home%s".formatted(home.directory(), addressIn(file)));
    }
    return new HomeLock(lock.get());
  }

  private static String addressIn(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      String address = new String(in.readNBytes(ADDRESS_MAX_BYTES), StandardCharsets.UTF_8).strip();
      return address.isEmpty() ? "" : ", at " + address;
    }
  }

  /// Tells others where this server listens.
  void tell(String address) throws IOException {
    lock.tell(address + "\n");
  }

  @Override
  public void close() throws IOException {
    lock.tell("");
    lock.close();
  }
}
