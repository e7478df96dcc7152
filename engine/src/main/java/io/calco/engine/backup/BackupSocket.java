package io.calco.engine.backup;

import io.calco.engine.ProcessLock;
import io.calco.machine.libvirt.Domain;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Where the server of a machine's backup listens: a Unix socket beside QEMU's own, where it may
/// make one whatever confines it; in a directory of ours where there is no such place. A file
/// beside it is locked for as long as we live, so that a backup whose Calco was killed is told from
/// one that goes on.
final class BackupSocket implements AutoCloseable {
  private static final Path MACHINES = Path.of("/var/lib/libvirt/qemu");
  private static final String NAME = "calco-[0-9a-f]{8}\\.sock";
  private static final String OWN_DIRECTORY = "calco-backup-";
  private static final int PATH_MAX = 107; // sun_path

  private final Path path;
  private final Optional<ProcessLock> lock;

  /// @param lock empty when its place is gone
  private BackupSocket(Path path, Optional<ProcessLock> lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Chooses a path that nobody has.
  static BackupSocket choose(Domain domain) throws IOException {
    byte[] some = new byte[4];
    ThreadLocalRandom.current().nextBytes(some);
    String name = "calco-%s.sock".formatted(HexFormat.of().formatHex(some));
    Path path = directory(domain).resolve(name);
    if (path.toString().length() > PATH_MAX) {
      path = Files.createTempDirectory(Path.of("/tmp"), OWN_DIRECTORY).resolve(name);
    }
    Optional<ProcessLock> lock = ProcessLock.tryTake(lockOf(path));
    if (lock.isEmpty()) {
      throw new IOException(path + ": somebody has this name, by chance; try again");
    }
    return new BackupSocket(path, lock);
  }

  /// `domain-ID-NAME`, the name cut short.
  private static Path directory(Domain domain) throws IOException {
    String beginning = "domain-%d-".formatted(domain.id());
    if (Files.isWritable(MACHINES)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(MACHINES, beginning + "*")) {
        for (Path one : all) {
          if ((beginning + domain.name()).startsWith(one.getFileName().toString())) {
            return one;
          }
        }
      }
    }
    return Files.createTempDirectory(OWN_DIRECTORY);
  }

  private static Path lockOf(Path socket) {
    return socket.resolveSibling(socket.getFileName().toString().replaceFirst("[.]sock$", ".lock"));
  }

  /// True when a socket of some backup's is of this kind.
  static boolean isOne(Path socket) {
    return socket.getFileName() != null && socket.getFileName().toString().matches(NAME);
  }

  /// The socket of a Calco that has ended; empty while it lives.
  static Optional<BackupSocket> inherit(Path socket) throws IOException {
    try {
      Optional<ProcessLock> lock = ProcessLock.tryTake(lockOf(socket));
      return lock.isPresent() ? Optional.of(new BackupSocket(socket, lock)) : Optional.empty();
    } catch (NoSuchFileException placeGone) {
      return Optional.of(new BackupSocket(socket, Optional.empty()));
    }
  }

  Path path() {
    return path;
  }

  /// Takes away what there is of it.
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
    if (lock.isPresent()) {
      Files.deleteIfExists(lockOf(path));
      lock.get().close();
    }
    Path directory = path.getParent();
    if (directory != null && String.valueOf(directory.getFileName()).startsWith(OWN_DIRECTORY)) {
      Files.deleteIfExists(directory);
    }
  }
}
