package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds pieces in lz4 frames by unpacking them once, from front to end; blocks that rest on each
/// other keep the 64 KiB before a piece.
///
/// @see <a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md">lz4's frame
///   format</a>
final class Lz4Source implements PieceSource {
  static final long MAGIC = 0x184d_2204L;

  /// Plain bytes of a piece, and as many more as end its last block.
  private static final int PIECE = 4 << 20;

  private static final int WINDOW = 64 << 10;
  private static final String HEADER = "lz4 frame header";

  /// A frame's header.
  ///
  /// @param blockMax plain bytes of a block, at most
  private record Frame(
      boolean independent,
      boolean blockChecksums,
      boolean checksum,
      OptionalLong size,
      int blockMax) {}

  /// Where unpacking can begin.
  ///
  /// @param offset where a block or, without a frame, a frame begins
  private record Mark(long offset, Optional<Frame> frame, Windows.Kept window) {}

  private final HostFile file;
  private final Windows windows;
  private final Cursor front;
  private long offset;

  private Lz4Source(HostFile file, UnwrapOptions options) throws IOException {
    this.file = file;
    this.windows = new Windows(options);
    this.front = new Cursor(new Mark(0, Optional.empty(), Windows.Kept.NONE));
  }

  /// The frames of `file`, which is closed with the source.
  static Lz4Source owning(HostFile file, UnwrapOptions options) throws IOException {
    return new Lz4Source(file, options);
  }

  @Override
  public Next next() throws IOException {
    Mark mark = front.mark();
    MemorySegment bytes = front.unpack(PIECE);
    int length = Math.toIntExact(bytes.byteSize());
    if (length == 0) {
      return new End();
    }
    Piece piece = new Stretch(offset, length, mark);
    offset += length;
    return new Found(piece, Optional.of(bytes));
  }

  @Override
  public void close() throws IOException {
    try (file) {
      windows.close();
    }
  }

  private final class Stretch extends Piece {
    private final Mark mark;

    Stretch(long offset, int length, Mark mark) {
      super(offset, length);
      this.mark = mark;
    }

    @Override
    MemorySegment unpack() throws IOException {
      return new Cursor(mark).unpack(length());
    }
  }

  /// Unpacks from a mark on. Frames that it sees whole are verified.
  private final class Cursor {
    private final PackedInput in;
    private Optional<Frame> frame;
    private boolean whole;
    private Lz4Hash hash = new Lz4Hash();
    private long frameLength;
    private byte[] packed = new byte[0];
    private byte[] last = new byte[WINDOW];
    private int lastEnd = WINDOW;
    private int history;

    Cursor(Mark mark) throws IOException {
      this.in = new PackedInput(file, mark.offset());
      this.frame = mark.frame();
      this.history = mark.window().length();
      windows.restore(mark.window(), last, WINDOW);
    }

    Mark mark() throws IOException {
      boolean reachesBack = frame.isPresent() && !frame.get().independent();
      int n = reachesBack ? history : 0;
      return new Mark(in.position(), frame, windows.keep(last, lastEnd - n, n));
    }

    /// Unpacks blocks until they make `length` bytes: fewer only at the end of the last frame.
    MemorySegment unpack(int length) throws IOException {
      byte[] out = new byte[WINDOW + length];
      System.arraycopy(last, lastEnd - history, out, WINDOW - history, history);
      int to = WINDOW;
      while (to < WINDOW + length) {
        if (frame.isEmpty()) {
          frame = readFrame();
          if (frame.isEmpty()) {
            break;
          }
        }
        int blockMax = frame.get().blockMax();
        if (out.length - to < blockMax) {
          out = Arrays.copyOf(out, to + blockMax);
        }
        int from = to;
        to = readBlock(frame.get(), out, to);
        history = frame.isPresent() ? Math.min(WINDOW, history + to - from) : 0;
      }
      last = out;
      lastEnd = to;
      return MemorySegment.ofArray(out).asSlice(WINDOW, to - WINDOW);
    }

    /// Reads a block, or the end of the frame; the index behind its bytes.
    private int readBlock(Frame header, byte[] out, int to) throws IOException {
      long at = in.position();
      long word = in.u32("lz4 block");
      int length = (int) (word & 0x7fff_ffff);
      if (word == 0) {
        endFrame(header);
        return to;
      }
      if (length > header.blockMax()) {
        throw in.corrupt("lz4 block", at, length + " bytes", "at most " + header.blockMax());
      }
      if (packed.length < length) {
        packed = new byte[header.blockMax()];
      }
      in.readAll(packed, 0, length, "lz4 block");
      if (header.blockChecksums()) {
        check("lz4 block", Lz4Hash.of(packed, 0, length));
      }
      int end = to + length;
      if (word >>> 31 == 1) {
        System.arraycopy(packed, 0, out, to, length);
      } else {
        int reach = header.independent() ? to : to - history;
        end = Lz4Block.unpack(packed, 0, length, out, reach, to, to + header.blockMax());
        if (end < 0) {
          throw in.corrupt("lz4 block", at, "a damaged sequence", "literals and matches");
        }
      }
      frameLength += end - to;
      if (whole && header.checksum()) {
        hash.update(out, to, end - to);
      }
      return end;
    }

    private void endFrame(Frame header) throws IOException {
      if (header.checksum()) {
        check("lz4 frame", whole ? hash.value() : (int) peek());
      }
      if (whole && header.size().isPresent() && header.size().getAsLong() != frameLength) {
        throw in.corrupt(
            "lz4 frame", in.position(), frameLength + " bytes", header.size().getAsLong());
      }
      frame = Optional.empty();
    }

    private long peek() throws IOException {
      long at = in.position();
      long word = in.u32("lz4 frame");
      in.seek(at);
      return word;
    }

    private void check(String structure, int found) throws IOException {
      long at = in.position();
      int stored = (int) in.u32(structure);
      if (stored != found) {
        throw in.corrupt(structure, at, "XXH32 %08x".formatted(stored), "%08x".formatted(found));
      }
    }

    /// The next frame, or empty at the end of the file.
    private Optional<Frame> readFrame() throws IOException {
      while (true) {
        long at = in.position();
        int first = in.read();
        if (first < 0) {
          return Optional.empty();
        }
        in.seek(at);
        long magic = in.u32(HEADER);
        if (magic == MAGIC) {
          whole = true;
          hash = new Lz4Hash();
          frameLength = 0;
          history = 0;
          return Optional.of(readHeader(at + 4));
        }
        if (!ZstdFrame.skippable(magic)) {
          throw in.corrupt(HEADER, at, "%08x".formatted(magic), "%08x".formatted(MAGIC));
        }
        in.skipNBytes(in.u32(HEADER), "lz4 skippable frame");
      }
    }

    private Frame readHeader(long at) throws IOException {
      int flags = in.u8(HEADER);
      int descriptor = in.u8(HEADER);
      int blockMaxCode = descriptor >>> 4;
      if (flags >>> 6 != 1 || (flags & 2) != 0 || (descriptor & 0x8f) != 0 || blockMaxCode < 4) {
        throw in.corrupt(
            HEADER, at, "flags %02x %02x".formatted(flags, descriptor), "version 1, a block size");
      }
      OptionalLong size = (flags & 8) == 0 ? OptionalLong.empty() : OptionalLong.of(in.u64(HEADER));
      if ((flags & 1) != 0) {
        throw new UnsupportedFeatureException(file.name() + ": needs an lz4 dictionary");
      }
      byte[] header = new byte[Math.toIntExact(in.position() - at)];
      in.seek(at);
      in.readAll(header, 0, header.length, HEADER);
      int check = Lz4Hash.of(header, 0, header.length) >>> 8 & 0xff;
      if (in.u8(HEADER) != check) {
        throw CorruptImageException.at(
            file.name(), HEADER, at, "a wrong checksum", "%02x".formatted(check));
      }
      return new Frame(
          (flags & 0x20) != 0,
          (flags & 0x10) != 0,
          (flags & 4) != 0,
          size,
          1 << 8 + 2 * blockMaxCode);
    }
  }
}
