package io.calco.engine.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// The room that is left where a directory lies, but for a reserve: so the catalogue can always be
/// written, images can be deleted and collections run. A disk that is full to the last byte could
/// not be emptied.
///
/// Thread rule: safe for several threads.
public final class FreeRoom {
  private static final long RESERVE_MIN = 256L << 20;
  private static final long RESERVE_MAX = 4L << 30;
  private static final int RESERVE_SHARE = 50;

  private final FileStore fileSystem;
  private final long reserve;

  private FreeRoom(FileStore fileSystem, long reserve) {
    this.fileSystem = fileSystem;
    this.reserve = reserve;
  }

  /// The room where a directory lies.
  ///
  /// @param reserve what stays free, in bytes; empty for a fiftieth of the file system, from 256
  ///   MiB to 4 GiB
  public static FreeRoom at(Path directory, OptionalLong reserve) throws IOException {
    FileStore fileSystem = Files.getFileStore(directory);
    long share = fileSystem.getTotalSpace() / RESERVE_SHARE;
    return new FreeRoom(fileSystem, reserve.orElse(Math.clamp(share, RESERVE_MIN, RESERVE_MAX)));
  }

  /// How many bytes may still be written; below 0 when the reserve is touched.
  public long bytes() throws IOException {
    return fileSystem.getUsableSpace() - reserve;
  }

  /// Whether anything may be written.
  public boolean isLeft() throws IOException {
    return bytes() >= 0;
  }
}
