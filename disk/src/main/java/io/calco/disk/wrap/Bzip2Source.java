package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// Finds pieces in bzip2 streams by unpacking them once, from front to end: their blocks rest on
/// nothing before them.
///
/// @see <a href="https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf">the format</a>
final class Bzip2Source implements PieceSource {
  /// Blocks are gathered until they make so many plain bytes.
  private static final int PIECE = 512 << 10;

  private static final int LEVEL_BYTES = 100_000;
  private static final long BLOCK_MAGIC = 0x3141_5926_5359L;
  private static final long END_MAGIC = 0x1772_4538_5090L;
  private static final String STREAM = "bzip2 stream";
  private static final int[] CRC_TABLE = crcTable();

  /// Where unpacking can begin.
  ///
  /// @param bitOffset where a block or, at level 0, a stream begins
  /// @param level blocks have at most so many times 100,000 bytes
  private record Mark(long bitOffset, int level) {}

  private final HostFile file;
  private final Cursor front;
  private long offset;

  private Bzip2Source(HostFile file) throws IOException {
    this.file = file;
    this.front = new Cursor(new Mark(0, 0));
  }

  /// The streams of `file`, which is closed with the source.
  static Bzip2Source owning(HostFile file) throws IOException {
    return new Bzip2Source(file);
  }

  private static int[] crcTable() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ (crc < 0 ? 0x04c1_1db7 : 0);
      }
      table[i] = crc;
    }
    return table;
  }

  @Override
  public Next next() throws IOException {
    Mark mark = front.mark();
    MemorySegment bytes = front.unpack(PIECE, PIECE);
    int length = Math.toIntExact(bytes.byteSize());
    if (length == 0) {
      return new End();
    }
    Piece piece = new Blocks(offset, length, mark);
    offset += length;
    return new Found(piece, Optional.of(bytes));
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
      return new Cursor(mark).unpack(length(), length());
    }
  }

  /// Unpacks from a mark on. Each block is verified; a stream, too, that it sees whole.
  private final class Cursor {
    private final PackedInput in;
    private final BitInput bits;
    private final Bzip2Block block;
    private int level;
    private boolean whole;
    private int combined;
    private boolean first;

    Cursor(Mark mark) throws IOException {
      this.in = new PackedInput(file, 0);
      this.bits = new BitInput(in, mark.bitOffset(), STREAM);
      this.block = new Bzip2Block(in, bits);
      this.level = mark.level();
      this.first = mark.bitOffset() == 0;
    }

    Mark mark() {
      return new Mark(bits.position(), level);
    }

    /// Unpacks blocks until they make `length` bytes: fewer only at the end of the last stream.
    MemorySegment unpack(int length, int room) throws IOException {
      byte[] out = new byte[room];
      int to = 0;
      while (to < length && (level > 0 || begin())) {
        long at = bits.position() >>> 3;
        long magic = bits.take(24, STREAM) << 24 | bits.take(24, STREAM);
        int crc = (int) bits.take(32, STREAM);
        if (magic == END_MAGIC) {
          end(at, crc);
          continue;
        }
        if (magic != BLOCK_MAGIC) {
          throw in.corrupt(STREAM, at, "%012x".formatted(magic), "%012x".formatted(BLOCK_MAGIC));
        }
        block.read(level * LEVEL_BYTES);
        int from = to;
        out = block.spread(out, to);
        to = block.end();
        int found = crc(out, from, to);
        if (found != crc) {
          throw in.corrupt(
              "bzip2 block", at, "CRC-32 %08x".formatted(crc), "%08x".formatted(found));
        }
        combined = Integer.rotateLeft(combined, 1) ^ crc;
      }
      byte[] held = out.length - to > to / 4 ? Arrays.copyOf(out, to) : out;
      return MemorySegment.ofArray(held).asSlice(0, to);
    }

    private boolean begin() throws IOException {
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
      whole = true;
      combined = 0;
      first = false;
      return true;
    }

    private void end(long at, int crc) throws IOException {
      if (whole && crc != combined) {
        throw in.corrupt(STREAM, at, "CRC-32 %08x".formatted(crc), "%08x".formatted(combined));
      }
      bits.align();
      level = 0;
    }

    private int crc(byte[] bytes, int from, int to) {
      int crc = -1;
      for (int i = from; i < to; i++) {
        crc = crc << 8 ^ CRC_TABLE[crc >>> 24 ^ bytes[i] & 0xff];
      }
      return ~crc;
    }
  }
}
