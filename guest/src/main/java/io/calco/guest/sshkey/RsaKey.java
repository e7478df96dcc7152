package io.calco.guest.sshkey;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// An RSA key of 3072 bits, its primes searched upwards from where a seed says. Takes about half a
/// second.
///
/// @param modulus n
/// @param exponent e
/// @param privateExponent d
/// @param p the larger prime
/// @param q the smaller prime
record RsaKey(
    BigInteger modulus,
    BigInteger exponent,
    BigInteger privateExponent,
    BigInteger p,
    BigInteger q) {
  private static final int PRIME_BITS = 1536;
  private static final int CERTAINTY = 128;
  private static final int SIEVE_LIMIT = 4096;
  private static final List<BigInteger> SMALL_PRIMES = smallPrimes();
  private static final BigInteger E = BigInteger.valueOf(65_537);

  static RsaKey of(IdentitySeed seed) {
    BigInteger one = prime(seed.derive("ssh-rsa p", PRIME_BITS / 8));
    BigInteger other = prime(seed.derive("ssh-rsa q", PRIME_BITS / 8));
    BigInteger p = one.max(other);
    BigInteger q = one.min(other);
    if (p.equals(q)) {
      throw new IllegalStateException("both primes are the same");
    }
    BigInteger p1 = p.subtract(BigInteger.ONE);
    BigInteger q1 = q.subtract(BigInteger.ONE);
    BigInteger lambda = p1.multiply(q1).divide(p1.gcd(q1));
    return new RsaKey(p.multiply(q), E, E.modInverse(lambda), p, q);
  }

  /// q⁻¹ mod p.
  BigInteger coefficient() {
    return q.modInverse(p);
  }

  /// The first prime that fits at or after the start; its two highest bits are set, so that the
  /// product of two has all 3072 bits.
  private static BigInteger prime(byte[] start) {
    BigInteger candidate =
        new BigInteger(1, start).setBit(PRIME_BITS - 1).setBit(PRIME_BITS - 2).setBit(0);
    int[] remainders =
        SMALL_PRIMES.stream().mapToInt(prime -> candidate.mod(prime).intValue()).toArray();
    for (int step = 0; ; step += 2) {
      if (passesSieve(remainders, step)) {
        BigInteger number = candidate.add(BigInteger.valueOf(step));
        boolean fits = number.subtract(BigInteger.ONE).gcd(E).equals(BigInteger.ONE);
        if (fits && number.isProbablePrime(CERTAINTY)) {
          return number;
        }
      }
    }
  }

  private static boolean passesSieve(int[] remainders, int step) {
    for (int i = 0; i < remainders.length; i++) {
      if ((remainders[i] + step) % SMALL_PRIMES.get(i).intValue() == 0) {
        return false;
      }
    }
    return true;
  }

  private static List<BigInteger> smallPrimes() {
    List<BigInteger> primes = new ArrayList<>();
    boolean[] composite = new boolean[SIEVE_LIMIT];
    for (int n = 3; n < SIEVE_LIMIT; n += 2) {
      if (!composite[n]) {
        primes.add(BigInteger.valueOf(n));
        for (int m = n; m < SIEVE_LIMIT; m += n) {
          composite[m] = true;
        }
      }
    }
    return List.copyOf(primes);
  }

  @Override
  public String toString() {
    return "RSA key of " + modulus.bitLength() + " bits";
  }
}
