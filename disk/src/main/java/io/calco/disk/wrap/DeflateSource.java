package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds pieces in deflate streams by unpacking them once, from front to end.
final class DeflateSource implements PieceSource {
  /// Plain bytes of a piece: 32 KiB of window each make the index 0.8 % of the plain bytes.
  private static final int PIECE = 4 << 20;

  private final HostFile file;
  private final DeflateFraming framing;
  private final Windows windows;
  private final DeflateCursor front;
  private long offset;

  private DeflateSource(
      HostFile file, long start, long offset, DeflateFraming framing, UnwrapOptions options)
      throws IOException {
    this.file = file;
    this.offset = offset;
    this.framing = framing;
    this.windows = new Windows(options);
    this.front = DeflateCursor.atStart(file, start, framing, windows);
  }

  /// All streams; `file` is closed with the source.
  static DeflateSource owning(HostFile file, DeflateFraming framing, UnwrapOptions options)
      throws IOException {
    return new DeflateSource(file, 0, 0, framing, options);
  }

  /// The streams from `start` on, which give the plain bytes from `offset` on; `file` is closed
  /// with the source.
  static DeflateSource owning(
      HostFile file, long start, long offset, DeflateFraming framing, UnwrapOptions options)
      throws IOException {
    return new DeflateSource(file, start, offset, framing, options);
  }

  @Override
  public OptionalLong knownSize() {
    return framing.knownSize();
  }

  @Override
  public Next next() throws IOException {
    DeflateCursor.Mark mark = front.mark();
    MemorySegment bytes = front.unpack(PIECE);
    int length = Math.toIntExact(bytes.byteSize());
    if (length == 0) {
      return new End();
    }
    Piece piece = new Stretch(offset, length, mark);
    offset += length;
    return new Found(piece, Optional.of(bytes));
  }

  private final class Stretch extends Piece {
    private final DeflateCursor.Mark mark;

    Stretch(long offset, int length, DeflateCursor.Mark mark) {
      super(offset, length);
      this.mark = mark;
    }

    @Override
    MemorySegment unpack() throws IOException {
      return DeflateCursor.unpack(file, framing, windows, mark, length());
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      windows.close();
    }
  }
}
