package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FileSlice;
import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds pieces in a zstd file of several frames, by their headers alone where these say their
/// sizes. From the first frame that is too long for a piece, the rest goes through a scratch file.
final class ZstdSource implements PieceSource {
  /// Frames are gathered until they make so many bytes, packed or plain.
  private static final int PIECE = 1 << 20;

  /// A longer frame is no piece.
  private static final int FRAME_MAX = 32 << 20;

  private final HostFile file;
  private final UnwrapBudget budget;
  private final PackedInput headers;
  private long offset;

  private ZstdSource(HostFile file, UnwrapBudget budget) {
    this.file = file;
    this.budget = budget;
    // Headers lie up to 128 KiB apart.
    this.headers = new PackedInput(file, 0, 512);
  }

  /// The frames of `file`, which is closed with the source.
  static ZstdSource owning(HostFile file, UnwrapBudget budget) {
    return new ZstdSource(file, budget);
  }

  @Override
  public Next next() throws IOException {
    Next next = find();
    while (next instanceof Found(Piece piece, var bytes) && piece.length() == 0) {
      next = find();
    }
    if (next instanceof Found(Piece piece, var bytes)) {
      offset = piece.end();
    }
    return next;
  }

  private Next find() throws IOException {
    long start = headers.position();
    long end = start;
    long length = 0;
    boolean known = true;
    while (length < PIECE && end - start < PIECE && more()) {
      ZstdFrame frame = ZstdFrame.read(headers, FRAME_MAX);
      boolean alone = frame.skippable() || frame.lengthMax() > FRAME_MAX;
      if (alone && end > start) {
        headers.seek(end);
        break;
      }
      if (alone && !frame.skippable()) {
        return rest(start);
      }
      if (alone) {
        start = frame.end();
      } else {
        known &= frame.contentSize().isPresent();
        length += frame.lengthMax();
      }
      end = frame.end();
    }
    return end == start ? new End() : piece(start, end, Math.toIntExact(length), known);
  }

  private boolean more() throws IOException {
    int first = headers.read();
    if (first >= 0) {
      headers.seek(headers.position() - 1);
    }
    return first >= 0;
  }

  private Next piece(long start, long end, int lengthMax, boolean known) throws IOException {
    if (known) {
      return new Found(new Frames(offset, lengthMax, start, end), Optional.empty());
    }
    byte[] bytes = new byte[lengthMax];
    int length = unpack(start, end, bytes);
    return new Found(
        new Frames(offset, length, start, end),
        Optional.of(MemorySegment.ofArray(Arrays.copyOf(bytes, length))));
  }

  /// Unpacks frames, which must not give more than fits.
  private int unpack(long start, long end, byte[] dst) throws IOException {
    FileSlice packed = FileSlice.owning(file.name(), file, start, end - start);
    try (ZstdStream plain = ZstdStream.of(new PackedInput(packed, 0))) {
      int n = plain.readNBytes(dst, 0, dst.length);
      if (plain.read() >= 0) {
        throw CorruptImageException.at(
            file.name(), "zstd frames", start, "more bytes", dst.length + " as their headers say");
      }
      return n;
    }
  }

  private Next rest(long start) throws IOException {
    ZstdStream plain = ZstdStream.of(new PackedInput(file, start));
    return new Rest(StreamedFile.owning(file.name(), plain, budget, () -> sizeFrom(start)));
  }

  /// The plain bytes of all frames from `start` on, when every header says.
  private OptionalLong sizeFrom(long start) throws IOException {
    PackedInput in = new PackedInput(file, start, 512);
    long size = 0;
    while (in.read() >= 0) {
      in.seek(in.position() - 1);
      ZstdFrame frame = ZstdFrame.read(in, Long.MAX_VALUE);
      if (frame.contentSize().isEmpty()) {
        return OptionalLong.empty();
      }
      budget.allow(frame.contentSize().getAsLong());
      size += frame.contentSize().getAsLong();
      budget.allow(size);
    }
    return OptionalLong.of(size);
  }

  private final class Frames extends Piece {
    private final long start;
    private final long end;

    Frames(long offset, int length, long start, long end) {
      super(offset, length);
      this.start = start;
      this.end = end;
    }

    @Override
    MemorySegment unpack() throws IOException {
      byte[] bytes = new byte[length()];
      int n = ZstdSource.this.unpack(start, end, bytes);
      if (n < bytes.length) {
        throw CorruptImageException.at(
            file.name(), "zstd frames", start, n + " bytes", bytes.length);
      }
      return MemorySegment.ofArray(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
