package io.calco.disk.wrap;

import io.calco.disk.LimitExceededException;
import io.calco.disk.LocalFile;
import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/// A file without a name that holds what was unpacked: zeroes take no space in it, and nothing is
/// left of it when it is closed or the process ends. Thread rule: writes confined, reads beside
/// them.
final class Scratch implements AutoCloseable {
  private static final int GRID = 4096;

  /// How many bytes are written between two looks at the space that is left.
  private static final long LOOK_EVERY = 16 << 20;

  private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[GRID]);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final LocalFile file;
  private final Path directory;
  private final long reserve;
  private long written = LOOK_EVERY;

  private Scratch(LocalFile file, UnwrapOptions options) {
    this.file = file;
    this.directory = options.scratchDirectory();
    this.reserve = options.scratchReserve();
  }

  /// A new one in the directory that the options name.
  static Scratch create(UnwrapOptions options) throws IOException {
    byte[] random = new byte[12];
    RANDOM.nextBytes(random);
    Path path =
        options.scratchDirectory().resolve(".calco-" + HexFormat.of().formatHex(random) + ".part");
    LocalFile file = LocalFile.create(path);
    try {
      Files.delete(path);
      return new Scratch(file, options);
    } catch (IOException | RuntimeException e) {
      try (file) {
        Files.deleteIfExists(path);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// Writes where nothing was written yet.
  void write(long offset, MemorySegment bytes) throws IOException {
    long length = bytes.byteSize();
    long from = 0;
    long at = 0;
    while (at < length) {
      long cell = Math.min(GRID - (offset + at) % GRID, length - at);
      if (zero(bytes, at, cell)) {
        writeData(offset + from, bytes.asSlice(from, at - from));
        from = at + cell;
      }
      at += cell;
    }
    writeData(offset + from, bytes.asSlice(from));
  }

  private static boolean zero(MemorySegment bytes, long from, long length) {
    return MemorySegment.mismatch(bytes, from, from + length, ZEROES, 0, length) == -1;
  }

  private void writeData(long offset, MemorySegment bytes) throws IOException {
    if (bytes.byteSize() == 0) {
      return;
    }
    written += bytes.byteSize();
    if (written >= LOOK_EVERY) {
      written = 0;
      if (Files.getFileStore(directory).getUsableSpace() < reserve + LOOK_EVERY) {
        throw new LimitExceededException(
            "%s: less than %d bytes are free there, too few to unpack an image"
                .formatted(directory, reserve + LOOK_EVERY));
      }
    }
    file.write(offset, bytes);
  }

  /// Reads what was written before; zeroes where only zeroes were.
  void read(long offset, MemorySegment dst) throws IOException {
    long present = Math.clamp(file.size() - offset, 0, dst.byteSize());
    if (present > 0) {
      file.read(offset, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
