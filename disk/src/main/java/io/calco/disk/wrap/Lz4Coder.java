package io.calco.disk.wrap;

import io.airlift.compress.v3.lz4.Lz4Compressor;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import io.calco.disk.StreamCoder;
import io.calco.disk.bytes.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Packs into lz4 frames of one block of 4 MiB at most, that tell their size and their checksum:
/// any lz4 reads them as one stream.
///
/// @see <a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md">lz4's frame
///   format</a>
final class Lz4Coder implements StreamCoder {
  private static final int FRAME = 4 << 20;
  private static final int HEADER = 15;
  private static final int BLOCK_LENGTH = 4;

  /// The mark that no block follows, and the content's checksum.
  private static final int TRAILER = 8;

  /// Version 1, blocks that stand alone, content size and checksum told.
  private static final int FLAGS = 0x6c;

  /// Blocks of 4 MiB.
  private static final int BLOCK_MAX = 0x70;

  private static final long NOT_PACKED = 0x8000_0000L;

  private final boolean nativeCode;
  private final ConcurrentLinkedDeque<Lz4Compressor> idle = new ConcurrentLinkedDeque<>();

  Lz4Coder() {
    this(Lz4NativeCompressor.isEnabled());
  }

  /// @param nativeCode the native library, not pure Java
  Lz4Coder(boolean nativeCode) {
    this.nativeCode = nativeCode;
  }

  @Override
  public int pieceLength() {
    return FRAME;
  }

  @Override
  public MemorySegment code(MemorySegment piece) {
    return frame(piece.toArray(ValueLayout.JAVA_BYTE));
  }

  /// A frame without content, so that an empty file gives a frame, too.
  @Override
  public MemorySegment end() {
    return frame(new byte[0]);
  }

  private MemorySegment frame(byte[] plain) {
    Lz4Compressor compressor = idle.poll();
    if (compressor == null) {
      compressor = nativeCode ? new Lz4NativeCompressor() : new Lz4JavaCompressor();
    }
    int most = compressor.maxCompressedLength(plain.length);
    byte[] frame = new byte[HEADER + BLOCK_LENGTH + most + TRAILER];
    header(frame, plain.length);
    int at = HEADER;
    if (plain.length > 0) {
      int from = at + BLOCK_LENGTH;
      int length = compressor.compress(plain, 0, plain.length, frame, from, most);
      long told = length;
      if (length >= plain.length) {
        System.arraycopy(plain, 0, frame, from, plain.length);
        length = plain.length;
        told = length | NOT_PACKED;
      }
      LittleEndian.put32(frame, at, told);
      at = from + length;
    }
    idle.push(compressor);
    LittleEndian.put32(frame, at, 0);
    LittleEndian.put32(frame, at + 4, Lz4Hash.of(plain, 0, plain.length));
    return MemorySegment.ofArray(frame).asSlice(0, at + TRAILER);
  }

  private static void header(byte[] frame, int length) {
    LittleEndian.put32(frame, 0, Lz4Source.MAGIC);
    LittleEndian.put8(frame, 4, FLAGS);
    LittleEndian.put8(frame, 5, BLOCK_MAX);
    LittleEndian.put64(frame, 6, length);
    LittleEndian.put8(frame, 14, Lz4Hash.of(frame, 4, 10) >>> 8 & 0xff);
  }
}
