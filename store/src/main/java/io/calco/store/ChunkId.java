package io.calco.store;

import io.calco.disk.bytes.BigEndian;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The identity of what is stored: a hash of its kind and its bytes, under the store's key when it
/// is encrypted. Equal bytes of one kind have one identity, and lie in the store once.
///
/// @param a the first 8 of its 32 bytes, as a big-endian number; the next ones likewise
/// @param b bytes 8 to 15
/// @param c bytes 16 to 23
/// @param d bytes 24 to 31
public record ChunkId(long a, long b, long c, long d) {
  /// Bytes in an identity.
  static final int BYTES = 32;

  /// Stands in a map for zeroes that are not stored.
  static final ChunkId HOLE = new ChunkId(0, 0, 0, 0);

  static ChunkId read(byte[] from, int at) {
    return new ChunkId(
        BigEndian.s64(from, at),
        BigEndian.s64(from, at + 8),
        BigEndian.s64(from, at + 16),
        BigEndian.s64(from, at + 24));
  }

  void write(byte[] to, int at) {
    BigEndian.put64(to, at, a);
    BigEndian.put64(to, at + 8, b);
    BigEndian.put64(to, at + 16, c);
    BigEndian.put64(to, at + 24, d);
  }

  // By hand: what a record has of itself is linked when it is first called, as most commands start.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkId id && id.a == a && id.b == b && id.c == c && id.d == d;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(a ^ b ^ c ^ d);
  }

  /// The identity that [#toString] shows.
  ///
  /// @param text 64 hexadecimal digits
  /// @throws IllegalArgumentException when it is something else
  public static ChunkId parse(String text) {
    byte[] bytes = HexFormat.of().parseHex(text);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("identity " + text);
    }
    return read(bytes, 0);
  }

  /// 64 hexadecimal digits.
  @Override
  public String toString() {
    byte[] bytes = new byte[BYTES];
    write(bytes, 0);
    return HexFormat.of().formatHex(bytes);
  }
}
