package io.calco.guest.sshkey;

import java.math.BigInteger;

/// Public keys on NIST's curve P-256 (FIPS 186-5; SEC 2, section 2.4.2). Time depends on the
/// secret: for keys that are made at rest, not for answering anyone.
final class P256 {
  private static final BigInteger P =
      hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  private static final BigInteger N =
      hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  private static final Point G =
      new Point(
          hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
          hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
          BigInteger.ONE);

  /// How many seed bytes make a scalar: the order's 256 bits and 64 more, so that the remainder is
  /// even over the range to 2^-64.
  static final int SEED_SIZE = 40;

  /// Multiples of G are found with a comb (Lim and Lee, 1994): the scalar's bits stand in 4 rows of
  /// 64, and a column of 4 bits takes one addition out of a table of 15 sums.
  private static final int ROWS = 4;

  private static final int COLUMNS = 64;
  private static final Point INFINITY = new Point(BigInteger.ONE, BigInteger.ONE, BigInteger.ZERO);
  private static final Point[] TABLE = table();

  private P256() {}

  /// Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity.
  private record Point(BigInteger x, BigInteger y, BigInteger z) {}

  /// A private key, 1 to n − 1, from seed bytes.
  static BigInteger privateKey(byte[] seed) {
    return new BigInteger(1, seed).mod(N.subtract(BigInteger.ONE)).add(BigInteger.ONE);
  }

  /// The public key as SEC 1 writes it without compression: 4, x, y; 65 bytes.
  static byte[] publicKey(BigInteger privateKey) {
    Point sum = INFINITY;
    for (int column = COLUMNS - 1; column >= 0; column--) {
      sum = twice(sum);
      int bits = 0;
      for (int row = 0; row < ROWS; row++) {
        bits |= privateKey.testBit(row * COLUMNS + column) ? 1 << row : 0;
      }
      if (bits != 0) {
        sum = plus(sum, TABLE[bits]);
      }
    }
    Point point = affine(sum);
    byte[] out = new byte[65];
    out[0] = 4;
    put(point.x, out, 1);
    put(point.y, out, 33);
    return out;
  }

  /// At each index the sum of 2^(64·row)·G for the rows whose bits are set, Z being 1.
  private static Point[] table() {
    Point[] table = new Point[1 << ROWS];
    Point power = G;
    for (int row = 0; row < ROWS; row++) {
      int bit = 1 << row;
      table[bit] = affine(power);
      for (int lower = 1; lower < bit; lower++) {
        table[bit | lower] = affine(plus(table[bit], table[lower]));
      }
      for (int i = 0; i < COLUMNS; i++) {
        power = twice(power);
      }
    }
    return table;
  }

  private static Point affine(Point a) {
    BigInteger inverse = a.z.modInverse(P);
    BigInteger square = times(inverse, inverse);
    return new Point(times(a.x, square), times(a.y, times(square, inverse)), BigInteger.ONE);
  }

  /// Doubling where a = −3 ("dbl-2001-b").
  private static Point twice(Point a) {
    if (a.z.signum() == 0) {
      return a;
    }
    BigInteger delta = times(a.z, a.z);
    BigInteger gamma = times(a.y, a.y);
    BigInteger beta = times(a.x, gamma);
    BigInteger alpha =
        times(a.x.subtract(delta), a.x.add(delta)).multiply(BigInteger.valueOf(3)).mod(P);
    BigInteger x = times(alpha, alpha).subtract(beta.shiftLeft(3)).mod(P);
    BigInteger yz = a.y.add(a.z);
    BigInteger z = times(yz, yz).subtract(gamma).subtract(delta).mod(P);
    BigInteger y =
        times(alpha, beta.shiftLeft(2).subtract(x))
            .subtract(times(gamma, gamma).shiftLeft(3))
            .mod(P);
    return new Point(x, y, z);
  }

  /// Adding a point whose Z is 1.
  private static Point plus(Point a, Point b) {
    if (a.z.signum() == 0) {
      return b;
    }
    BigInteger zz = times(a.z, a.z);
    BigInteger h = times(b.x, zz).subtract(a.x).mod(P);
    BigInteger r = times(b.y, times(zz, a.z)).subtract(a.y).mod(P);
    if (h.signum() == 0) {
      return r.signum() == 0 ? twice(a) : INFINITY;
    }
    BigInteger hh = times(h, h);
    BigInteger hhh = times(hh, h);
    BigInteger v = times(a.x, hh);
    BigInteger x = times(r, r).subtract(hhh).subtract(v.shiftLeft(1)).mod(P);
    BigInteger y = times(r, v.subtract(x)).subtract(times(a.y, hhh)).mod(P);
    return new Point(x, y, times(a.z, h));
  }

  private static BigInteger times(BigInteger a, BigInteger b) {
    return a.multiply(b).mod(P);
  }

  private static void put(BigInteger value, byte[] out, int at) {
    byte[] bytes = value.toByteArray();
    int skip = Math.max(0, bytes.length - 32);
    int length = bytes.length - skip;
    System.arraycopy(bytes, skip, out, at + 32 - length, length);
  }

  private static BigInteger hex(String digits) {
    return new BigInteger(digits, 16);
  }
}
