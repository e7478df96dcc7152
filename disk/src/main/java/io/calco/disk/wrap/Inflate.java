package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Unpacks deflate (RFC 1951), and can say at any symbol where it is and go on from there: what the
/// JDK's zlib does not tell, and what makes a compressed stream readable from the middle.
///
/// It writes into an array of its caller, in front of which lie the bytes that matches may reach
/// back to. What zlib refuses is refused. Thread rule: confined.
final class Inflate {
  /// How far a match may reach back.
  static final int WINDOW = 32 << 10;

  /// Bytes of the array behind the place to stop at that may be written: the longest match, and the
  /// step of the copy.
  static final int SLACK = 258 + 8;

  /// Where unpacking can begin.
  ///
  /// @param bitOffset the next bit, from the start of the packed file
  /// @param header the first bit of the block it lies in, or -1 between two blocks
  /// @param storedLeft bytes left of the block, if it is a stored one
  record Place(long bitOffset, long header, int storedLeft) {
    /// Before the first block of a stream that begins at this byte.
    static Place atByte(long offset) {
      return new Place(offset << 3, -1, 0);
    }
  }

  private enum Block {
    /// Between two blocks.
    NONE,
    STORED,
    PACKED
  }

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BUFFER = 64 << 10;

  private final HostFile file;
  private final byte[] in = new byte[BUFFER];
  private long inStart;
  private int inPos;
  private int inLimit;

  /// Bits that were made up behind the end of the file.
  private int padding;

  private long bits;
  private int bitCount;

  private Block block = Block.NONE;

  /// The first bit of the block.
  private long header;

  /// No block follows.
  private boolean last;

  private int storedLeft;
  private DeflateCodes codes = DeflateCodes.FIXED;

  private byte[] out = new byte[0];
  private int outPos;

  /// Unpacks `file` from a place on.
  Inflate(HostFile file, Place place) throws IOException {
    this.file = file;
    if (place.header() >= 0) {
      seek(place.header());
      beginBlock();
      storedLeft = place.storedLeft();
    }
    seek(place.bitOffset());
  }

  /// Where it is: not after the end of a stream.
  Place place() {
    return new Place(bitPosition(), block == Block.NONE ? -1 : header, storedLeft);
  }

  private long bitPosition() {
    return (inStart + inPos << 3) - bitCount + padding;
  }

  /// The file offset of the next byte; what is left of the current one is skipped.
  long alignedPosition() {
    return bitPosition() + 7 >>> 3;
  }

  /// Begins another stream at this byte.
  void beginAt(long offset) throws IOException {
    seek(offset << 3);
    block = Block.NONE;
    last = false;
  }

  private void seek(long bitOffset) throws IOException {
    long offset = bitOffset >>> 3;
    if (offset >= inStart && offset <= inStart + inLimit) {
      inPos = Math.toIntExact(offset - inStart);
    } else {
      inStart = offset;
      inPos = 0;
      inLimit = 0;
    }
    bits = 0;
    bitCount = 0;
    padding = 0;
    take((int) (bitOffset & 7), "deflate stream");
  }

  /// Writes to `target` from now on.
  void into(byte[] target, int position) {
    out = target;
    outPos = position;
  }

  /// Where the next byte goes.
  int outPosition() {
    return outPos;
  }

  /// Unpacks until the stream ends or at least `until` is reached; it may go beyond by less than
  /// [#SLACK].
  ///
  /// @param until an index of the array
  /// @param history the first index that matches may reach back to
  /// @return true when the stream has ended
  boolean unpack(int until, int history) throws IOException {
    while (true) {
      if (block == Block.NONE) {
        if (last) {
          return true;
        }
        beginBlock();
      }
      boolean ended = block == Block.STORED ? copyStored(until) : unpackSymbols(until, history);
      if (!ended) {
        return false;
      }
      block = Block.NONE;
    }
  }

  private void beginBlock() throws IOException {
    header = bitPosition();
    last = take(1, "deflate block") == 1;
    int type = take(2, "deflate block");
    switch (type) {
      case 0 -> {
        block = Block.STORED;
        storedLeft = storedLength();
      }
      case 1 -> {
        block = Block.PACKED;
        codes = DeflateCodes.FIXED;
      }
      case 2 -> {
        block = Block.PACKED;
        codes = readCodes();
      }
      default -> throw corrupt(header, "block type 3", "0, 1 or 2");
    }
  }

  private int storedLength() throws IOException {
    take(bitCount - padding & 7, "stored block");
    long at = bitPosition();
    int length = take(16, "stored block");
    int check = take(16, "stored block");
    if ((length ^ check) != 0xffff) {
      throw corrupt(at, "stored length 0x%x and 0x%x".formatted(length, check), "complements");
    }
    return length;
  }

  private DeflateCodes readCodes() throws IOException {
    long at = bitPosition();
    try {
      return DeflateCodes.read(n -> take(n, "deflate codes"));
    } catch (DeflateCodes.BadCodes e) {
      throw corrupt(at, e.getMessage(), "valid codes");
    }
  }

  /// Takes 0 to 16 bits.
  private int take(int n, String structure) throws IOException {
    refill();
    if (bitCount - padding < n) {
      throw truncated(structure);
    }
    int value = (int) (bits & (1L << n) - 1);
    bits >>>= n;
    bitCount -= n;
    return value;
  }

  /// Makes 56 bits ready or more; behind the end of the file they are zeroes, and counted.
  private void refill() throws IOException {
    while (bitCount < 56) {
      if (inPos < inLimit || moreInput()) {
        bits |= (in[inPos++] & 0xffL) << bitCount;
      } else {
        padding += 8;
      }
      bitCount += 8;
    }
  }

  private boolean moreInput() throws IOException {
    if (padding > 0) {
      return false;
    }
    inStart += inLimit;
    inLimit = PackedInput.readUpTo(file, inStart, MemorySegment.ofArray(in));
    inPos = 0;
    return inLimit > 0;
  }

  private boolean copyStored(int until) throws IOException {
    while (storedLeft > 0 && outPos < until) {
      if (bitCount > 0) {
        out[outPos++] = (byte) take(8, "stored block");
        storedLeft--;
      } else {
        if (inPos == inLimit && !moreInput()) {
          throw truncated("stored block");
        }
        int n = Math.min(Math.min(storedLeft, until - outPos), inLimit - inPos);
        System.arraycopy(in, inPos, out, outPos, n);
        inPos += n;
        outPos += n;
        storedLeft -= n;
      }
    }
    return storedLeft == 0;
  }

  /// Unpacks symbols of a packed block; true at its end. Fields are kept in locals meanwhile.
  private boolean unpackSymbols(int until, int history) throws IOException {
    int[] literals = codes.literals();
    int[] distances = codes.distances();
    byte[] target = out;
    int to = outPos;
    long held = bits;
    int count = bitCount;
    while (to < until) {
      if (inPos + 8 <= inLimit) {
        held |= (long) LONGS.get(in, inPos) << count;
        inPos += 63 - count >>> 3;
        count |= 56;
      } else {
        giveBack(to, held, count);
        refill();
        checkPadding();
        held = bits;
        count = bitCount;
      }
      int entry = DeflateCodes.find(literals, DeflateCodes.LITERAL_BITS, held);
      held >>>= entry;
      count -= entry & 0xff;
      if ((entry & DeflateCodes.LITERAL) != 0) {
        target[to++] = (byte) (entry >>> 16);
        // Literals come in rows; the bits left are enough for another.
        entry = literals[(int) held & DeflateCodes.LITERAL_MASK];
        if ((entry & DeflateCodes.LITERAL) != 0 && to < until) {
          held >>>= entry;
          count -= entry & 0xff;
          target[to++] = (byte) (entry >>> 16);
        }
        continue;
      }
      if ((entry & DeflateCodes.SPECIAL) != 0) {
        giveBack(to, held, count);
        checkPadding();
        if ((entry & DeflateCodes.END) != 0) {
          return true;
        }
        throw corrupt(bitPosition(), "a literal/length code that is not there", "one that is");
      }
      int extra = entry >>> 8 & 0x1f;
      int length = (entry >>> 16) + (int) (held & (1L << extra) - 1);
      held >>>= extra;
      count -= extra;
      entry = DeflateCodes.find(distances, DeflateCodes.DISTANCE_BITS, held);
      held >>>= entry;
      count -= entry & 0xff;
      extra = entry >>> 8 & 0x1f;
      int distance = (entry >>> 16) + (int) (held & (1L << extra) - 1);
      held >>>= extra;
      count -= extra;
      if ((entry & DeflateCodes.SPECIAL) != 0 || distance > to - history) {
        giveBack(to, held, count);
        checkPadding();
        throw corrupt(bitPosition(), "a distance beyond the start", "one within the stream");
      }
      copyMatch(target, to, distance, length);
      to += length;
    }
    giveBack(to, held, count);
    checkPadding();
    return false;
  }

  private void giveBack(int to, long held, int count) {
    outPos = to;
    bits = count == 0 ? 0 : held & -1L >>> 64 - count;
    bitCount = count;
  }

  /// Bits behind the end of the file must not have been used.
  private void checkPadding() throws CorruptImageException {
    if (padding > bitCount) {
      throw truncated("deflate stream");
    }
  }

  /// Copies a match; may write up to 7 bytes more than its length.
  private static void copyMatch(byte[] out, int to, int distance, int length) {
    int from = to - distance;
    int end = to + length;
    if (distance >= 8) {
      for (; to < end; to += 8, from += 8) {
        LONGS.set(out, to, (long) LONGS.get(out, from));
      }
    } else if (distance == 1) {
      Arrays.fill(out, to, end, out[from]);
    } else {
      while (to < end) {
        out[to++] = out[from++];
      }
    }
  }

  private CorruptImageException truncated(String structure) {
    return CorruptImageException.at(
        file.name(), structure, bitPosition() >>> 3, "the end of the file", "more bytes");
  }

  private CorruptImageException corrupt(long bitOffset, Object found, Object expected) {
    return CorruptImageException.at(
        file.name(), "deflate stream", bitOffset >>> 3, found, expected);
  }
}
