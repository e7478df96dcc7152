package io.calco.engine.plan;

import io.calco.catalog.Name;
import io.calco.engine.Home;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// Keeps two runs of a plan apart, in this process and others: a lock on a file in the home, which
/// the kernel lets go of with the process.
final class RunLock implements AutoCloseable {
  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Takes it; empty when somebody has it.
  static Optional<RunLock> tryTake(Home home, String plan) throws IOException {
    Path directory = Files.createDirectories(home.directory().resolve("plans"));
    Path file = directory.resolve(Name.parse(plan) + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      FileLock lock = channel.tryLock();
      taken = lock != null;
      return taken ? Optional.of(new RunLock(channel)) : Optional.empty();
    } catch (OverlappingFileLockException inThisProcess) {
      return Optional.empty();
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
