package io.calco.disk.luks;

import java.time.Duration;
import java.util.Arrays;

/// PBKDF2 (RFC 8018, 5.2). The JDK has it for passwords of letters only; here they are any bytes.
public final class Pbkdf2 {
  /// The spec asks for no more, and cryptsetup makes no fewer.
  public static final int ROUNDS_MIN = 1000;

  /// Ours: some seconds. QEMU sets no limit.
  public static final int ROUNDS_MAX = 12_000_000;

  private static final Duration SAMPLE = Duration.ofMillis(100);

  private Pbkdf2() {}

  /// Derives `length` bytes; the caller wipes them.
  public static byte[] derive(LuksHash hash, byte[] password, byte[] salt, int rounds, int length) {
    Hmac hmac = new Hmac(hash, password);
    byte[] none = {};
    byte[] derived = new byte[length];
    byte[] round = new byte[hash.length()];
    byte[] sum = new byte[hash.length()];
    for (int done = 0, block = 1; done < length; done += sum.length, block++) {
      hmac.apply(salt, Luks1Layout.bytes(block), round);
      System.arraycopy(round, 0, sum, 0, sum.length);
      for (int i = 1; i < rounds; i++) {
        hmac.apply(round, none, round);
        for (int k = 0; k < sum.length; k++) {
          sum[k] ^= round[k];
        }
      }
      System.arraycopy(sum, 0, derived, done, Math.min(sum.length, length - done));
    }
    Arrays.fill(round, (byte) 0);
    Arrays.fill(sum, (byte) 0);
    hmac.wipe();
    return derived;
  }

  /// How many rounds take about so long on this machine; within the bounds above.
  public static int roundsFor(LuksHash hash, int length, Duration time) {
    long wanted = time.toNanos();
    long sample = Math.min(wanted / 4, SAMPLE.toNanos());
    byte[] bytes = new byte[32];
    int rounds = ROUNDS_MIN;
    while (true) {
      long started = System.nanoTime();
      derive(hash, bytes, bytes, rounds, length);
      long took = Math.max(1, System.nanoTime() - started);
      if (took >= sample || rounds >= ROUNDS_MAX / 2) {
        return (int) Math.clamp((double) rounds / took * wanted, ROUNDS_MIN, ROUNDS_MAX);
      }
      rounds *= 2;
    }
  }
}
