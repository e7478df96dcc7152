package io.calco.disk.wrap;

import io.airlift.compress.v3.deflate.DeflateNativeCompressor;
import io.calco.disk.StreamCoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Packs into gzip members of 64 KiB that tell their length in the header (BGZF, as bgzip writes):
/// any gzip reads them as one stream, and who knows of the lengths reads anywhere in it.
///
/// @see <a href="https://samtools.github.io/hts-specs/SAMv1.pdf">SAM 1, section 4.1</a>
final class GzipCoder implements StreamCoder {
  /// Plain bytes of a member: when they cannot be packed, it still has less than 64 KiB.
  private static final int MEMBER = 0xff00;

  private static final int MEMBERS = 16;
  private static final int HEADER = 18;
  private static final int TRAILER = 8;
  private static final int MEMBER_MAX = 1 << 16;

  /// About zlib's 6, in a third of the time.
  private static final int NATIVE_LEVEL = 6;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// A header with the extra field `BC`, whose value is the member's length less one.
  private static final byte[] START = {
    0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 6, 0, 'B', 'C', 2, 0, 0, 0
  };

  private static final byte[] ZEROES = new byte[MEMBER];

  private final boolean nativeCode;
  private final ConcurrentLinkedDeque<DeflateNativeCompressor> idle = new ConcurrentLinkedDeque<>();
  private final byte[] zeroMember;
  private final byte[] emptyMember;

  GzipCoder() {
    this(DeflateNativeCompressor.isEnabled());
  }

  /// @param nativeCode libdeflate, not the JDK's zlib
  GzipCoder(boolean nativeCode) {
    this.nativeCode = nativeCode;
    byte[] packed = new byte[MEMBER_MAX];
    zeroMember = Arrays.copyOf(packed, member(ZEROES, 0, MEMBER, packed, 0));
    emptyMember = Arrays.copyOf(packed, member(ZEROES, 0, 0, packed, 0));
  }

  @Override
  public int pieceLength() {
    return MEMBERS * MEMBER;
  }

  @Override
  public MemorySegment code(MemorySegment piece) {
    byte[] plain = piece.toArray(ValueLayout.JAVA_BYTE);
    byte[] packed = new byte[MEMBERS * MEMBER_MAX];
    int to = 0;
    for (int from = 0; from < plain.length; from += MEMBER) {
      int length = Math.min(MEMBER, plain.length - from);
      if (Arrays.equals(plain, from, from + length, ZEROES, 0, MEMBER)) {
        System.arraycopy(zeroMember, 0, packed, to, zeroMember.length);
        to += zeroMember.length;
      } else {
        to = member(plain, from, length, packed, to);
      }
    }
    return MemorySegment.ofArray(packed).asSlice(0, to);
  }

  @Override
  public MemorySegment end() {
    return MemorySegment.ofArray(emptyMember);
  }

  /// Packs a member; the index behind it.
  private int member(byte[] plain, int from, int length, byte[] packed, int to) {
    System.arraycopy(START, 0, packed, to, HEADER);
    int data = to + HEADER;
    int end = data + deflate(plain, from, length, packed, data);
    CRC32 crc = new CRC32();
    crc.update(plain, from, length);
    MemorySegment bytes = MemorySegment.ofArray(packed);
    bytes.set(U32, end, (int) crc.getValue());
    bytes.set(U32, end + 4L, length);
    bytes.set(U16, to + HEADER - 2L, (short) (end + TRAILER - to - 1));
    return end + TRAILER;
  }

  private int deflate(byte[] plain, int from, int length, byte[] packed, int to) {
    int room = MEMBER_MAX - HEADER - TRAILER;
    int n = nativeCode ? deflateNative(plain, from, length, packed, to, room) : 0;
    return n > 0 ? n : deflateJdk(plain, from, length, packed, to, room);
  }

  /// The length, or 0 when it does not fit.
  private int deflateNative(byte[] plain, int from, int length, byte[] packed, int to, int room) {
    DeflateNativeCompressor compressor = idle.poll();
    if (compressor == null) {
      compressor = new DeflateNativeCompressor(NATIVE_LEVEL);
    }
    int most = compressor.maxCompressedLength(length);
    byte[] own = new byte[most];
    int n = compressor.compress(plain, from, length, own, 0, most);
    idle.push(compressor);
    if (n > room) {
      return 0;
    }
    System.arraycopy(own, 0, packed, to, n);
    return n;
  }

  private static int deflateJdk(
      byte[] plain, int from, int length, byte[] packed, int to, int room) {
    for (int level : new int[] {Deflater.DEFAULT_COMPRESSION, Deflater.NO_COMPRESSION}) {
      try (Deflater deflater = new Deflater(level, true)) {
        deflater.setInput(plain, from, length);
        deflater.finish();
        int n = deflater.deflate(packed, to, room);
        if (deflater.finished()) {
          return n;
        }
      }
    }
    throw new IllegalStateException("%d bytes do not fit as they are".formatted(length));
  }
}
