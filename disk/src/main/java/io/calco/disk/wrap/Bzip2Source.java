package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// Finds pieces in bzip2 streams by unpacking them once, from front to end: their blocks rest on
/// nothing before them. A block of long runs, which may have 46 MB, is several pieces.
///
/// @see <a href="https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf">the format</a>
final class Bzip2Source implements PieceSource {
  /// Plain bytes of a piece, at most.
  private static final int PIECE = 4 << 20;

  /// A piece ends with a block, once it has so many.
  private static final int ENOUGH = 512 << 10;

  private static final int LEVEL_BYTES = 100_000;
  private static final long BLOCK_MAGIC = 0x3141_5926_5359L;
  private static final long END_MAGIC = 0x1772_4538_5090L;
  private static final String STREAM = "bzip2 stream";

  /// Where unpacking can begin.
  ///
  /// @param bitOffset where a block or, at level 0, a stream begins
  /// @param level blocks have at most so many times 100,000 bytes
  /// @param skip plain bytes of the block that lie before
  private record Mark(long bitOffset, int level, long skip) {}

  private final HostFile file;
  private final Cursor front;
  private long offset;

  private Bzip2Source(HostFile file) throws IOException {
    this.file = file;
    this.front = new Cursor(new Mark(0, 0, 0));
  }

  /// The streams of `file`, which is closed with the source.
  static Bzip2Source owning(HostFile file) throws IOException {
    return new Bzip2Source(file);
  }

  @Override
  public Next next() throws IOException {
    Mark mark = front.mark();
    byte[] bytes = front.unpack(PIECE);
    if (bytes.length == 0) {
      return new End();
    }
    Piece piece = new Blocks(offset, bytes.length, mark);
    offset += bytes.length;
    return new Found(piece, Optional.of(MemorySegment.ofArray(bytes)));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class Blocks extends Piece {
    private final Mark mark;

    Blocks(long offset, int length, Mark mark) {
      super(offset, length);
      this.mark = mark;
    }

    @Override
    MemorySegment unpack() throws IOException {
      return MemorySegment.ofArray(new Cursor(mark).unpack(length()));
    }
  }

  /// Unpacks from a mark on. Blocks and streams that it sees whole are verified.
  private final class Cursor {
    private final PackedInput in;
    private final BitInput bits;
    private final Bzip2Block block;

    /// 0 between two streams.
    private int level;

    private boolean wholeStream;
    private int combined;
    private boolean first;

    /// A block is being spread that begins here.
    private boolean inBlock;

    private long blockAt;
    private boolean wholeBlock;
    private long spread;
    private int expected;
    private Bzip2Crc crc = new Bzip2Crc();

    Cursor(Mark mark) throws IOException {
      this.in = new PackedInput(file, 0);
      this.bits = new BitInput(in, mark.bitOffset(), STREAM);
      this.block = new Bzip2Block(in, bits);
      this.level = mark.level();
      this.first = mark.bitOffset() == 0;
      if (mark.skip() > 0 && beginBlock()) {
        block.skip(mark.skip());
        wholeBlock = false;
      }
    }

    Mark mark() {
      return inBlock ? new Mark(blockAt, level, spread) : new Mark(bits.position(), level, 0);
    }

    /// Unpacks up to `most` bytes: none at the end of the last stream.
    byte[] unpack(int most) throws IOException {
      byte[] out = new byte[Math.min(most, 1 << 20)];
      int to = 0;
      while (to < most && (inBlock || to < ENOUGH && beginNext())) {
        if (to == out.length) {
          out = Arrays.copyOf(out, Math.min(most, 2 * to));
        }
        int from = to;
        to = block.spread(out, from, out.length);
        crc.update(out, from, to);
        spread += to - from;
        if (block.ended()) {
          endBlock();
        }
      }
      return to == out.length ? out : Arrays.copyOf(out, to);
    }

    /// Begins the next block, in the next stream perhaps; false at the end of the last.
    private boolean beginNext() throws IOException {
      while (level > 0 || beginStream()) {
        if (beginBlock()) {
          return true;
        }
      }
      return false;
    }

    private boolean beginStream() throws IOException {
      if (bits.atEnd()) {
        return false;
      }
      long at = bits.position() >>> 3;
      long magic = bits.take(24, STREAM);
      int digit = (int) bits.take(8, STREAM) - '0';
      if (magic != 0x42_5a68L || digit < 1 || digit > 9) {
        throw in.corrupt(
            STREAM, at, "other bytes", first ? "BZh1 to BZh9" : "BZh1 to BZh9, or the end");
      }
      level = digit;
      wholeStream = true;
      combined = 0;
      first = false;
      return true;
    }

    /// Begins a block, or ends the stream.
    private boolean beginBlock() throws IOException {
      blockAt = bits.position();
      long magic = bits.take(24, STREAM) << 24 | bits.take(24, STREAM);
      expected = (int) bits.take(32, STREAM);
      if (magic == END_MAGIC) {
        if (wholeStream && expected != combined) {
          throw badCrc(STREAM, expected, combined);
        }
        bits.align();
        level = 0;
        return false;
      }
      if (magic != BLOCK_MAGIC) {
        throw in.corrupt(
            STREAM, blockAt >>> 3, "%012x".formatted(magic), "%012x".formatted(BLOCK_MAGIC));
      }
      block.read(level * LEVEL_BYTES);
      inBlock = true;
      wholeBlock = true;
      spread = 0;
      crc = new Bzip2Crc();
      return true;
    }

    private void endBlock() throws IOException {
      inBlock = false;
      combined = Integer.rotateLeft(combined, 1) ^ expected;
      if (wholeBlock && crc.value() != expected) {
        throw badCrc("bzip2 block", expected, crc.value());
      }
    }

    private CorruptImageException badCrc(String structure, int stored, int found) {
      return in.corrupt(
          structure, blockAt >>> 3, "CRC-32 %08x".formatted(stored), "%08x".formatted(found));
    }
  }
}
