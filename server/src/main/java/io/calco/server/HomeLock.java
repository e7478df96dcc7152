package io.calco.server;

import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// One server serves a home: it holds a lock on a file in it, `serve.lock`, which says where it
/// listens. The kernel lets go of the lock with the process, however that ends.
final class HomeLock implements AutoCloseable {
  private static final String FILE = "serve.lock";
  private static final int ADDRESS_MAX_BYTES = 512;

  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Takes it.
  ///
  /// @throws OperationException of kind REFUSED when another server has it
  static HomeLock take(Home home) throws IOException {
    Path file = home.directory().resolve(FILE);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: another server serves this home%s".formatted(home.directory(), addressIn(file)));
      }
      return new HomeLock(channel);
    } catch (IOException | RuntimeException e) {
      try (channel) {
        throw e;
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException inThisProcess) {
      return null;
    }
  }

  private static String addressIn(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      String address = new String(in.readNBytes(ADDRESS_MAX_BYTES), StandardCharsets.UTF_8).strip();
      return address.isEmpty() ? "" : ", at " + address;
    }
  }

  /// Tells others where this server listens.
  void tell(String address) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((address + "\n").getBytes(StandardCharsets.UTF_8)), 0);
  }

  @Override
  public void close() throws IOException {
    channel.truncate(0);
    channel.close();
  }
}
