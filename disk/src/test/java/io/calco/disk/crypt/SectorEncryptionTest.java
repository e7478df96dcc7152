package io.calco.disk.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Known answers: vectors of IEEE 1619-2007 (the digests of whole sectors by OpenSSL 3).
class SectorEncryptionTest {
  private static final HexFormat HEX = HexFormat.of();

  private static byte[] counting(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] encrypt(SectorEncryption encryption, byte[] plain, long sector) {
    byte[] result = new byte[plain.length];
    encryption.encrypt(MemorySegment.ofArray(plain), MemorySegment.ofArray(result), sector);
    return result;
  }

  private static SectorEncryption xts(String key) {
    return new SectorEncryption(SectorEncryption.Mode.XTS, IvScheme.PLAIN64, HEX.parseHex(key));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void xtsAsInVectors1And2() {
    byte[] zeroes = encrypt(xts("00".repeat(32)), new byte[512], 0);
    assertThat(HEX.formatHex(zeroes, 0, 32))
        .isEqualTo("917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e");
    byte[] plain = new byte[512];
    Arrays.fill(plain, (byte) 0x44);
    byte[] second = encrypt(xts("11".repeat(16) + "22".repeat(16)), plain, 0x3333333333L);
    assertThat(HEX.formatHex(second, 0, 32))
        .isEqualTo("c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0");
  }

  @Test
  void xtsAsInVectors4And10() throws Exception {
    byte[] vector4 =
        encrypt(
            xts("27182818284590452353602874713526" + "31415926535897932384626433832795"),
            counting(512),
            0);
    assertThat(HEX.formatHex(vector4, 0, 16)).isEqualTo("27a7479befa1d476489f308cd4cfa6e2");
    assertThat(sha256(vector4))
        .isEqualTo("ebee4d64dd2395bb2d6a2d37a0a48ecb2bf4913cfc99d27c2214f2f4144715ea");
    byte[] vector10 =
        encrypt(
            xts(
                "2718281828459045235360287471352662497757247093699959574966967627"
                    + "3141592653589793238462643383279502884197169399375105820974944592"),
            counting(512),
            0xff);
    assertThat(HEX.formatHex(vector10, 0, 16)).isEqualTo("1c3b3a102f770386e4836c99e370cf9b");
    assertThat(sha256(vector10))
        .isEqualTo("e97e974fa393af794f7a4684395814cf820de60a01eaec677d87b452e316b364");
  }

  @Test
  void cbcAsOpenSslDoes() throws Exception {
    SectorEncryption plain =
        new SectorEncryption(SectorEncryption.Mode.CBC, IvScheme.PLAIN, counting(32));
    assertThat(sha256(encrypt(plain, counting(512), 7)))
        .isEqualTo("e88eb81604d249a330d4793be8328cbb00722c2d0fe50e1c352dd012a5059510");
    SectorEncryption essiv =
        new SectorEncryption(SectorEncryption.Mode.CBC, IvScheme.ESSIV_SHA256, counting(32));
    assertThat(sha256(encrypt(essiv, counting(512), 7)))
        .isEqualTo("aa930da73b5f3929054e295a73b1a0e28be63c485dfa8b65fbeba6361d06b10b");
  }

  @Test
  void plainNumbersRepeatAfterTwoTebibytes() {
    byte[] key = counting(32);
    SectorEncryption plain = new SectorEncryption(SectorEncryption.Mode.XTS, IvScheme.PLAIN, key);
    SectorEncryption plain64 =
        new SectorEncryption(SectorEncryption.Mode.XTS, IvScheme.PLAIN64, key);
    byte[] sector = new byte[512];
    long far = (1L << 32) + 5;
    assertThat(encrypt(plain, sector, far)).isEqualTo(encrypt(plain, sector, 5));
    assertThat(encrypt(plain, sector, far)).isEqualTo(encrypt(plain64, sector, 5));
    assertThat(encrypt(plain64, sector, far)).isNotEqualTo(encrypt(plain64, sector, 5));
  }

  /// A batch is the same as its sectors one by one, and comes back.
  @Test
  void sectorsDoNotDependOnEachOther() {
    Seeds.run(4, SectorEncryptionTest::batches);
  }

  private static void batches(Random random) {
    for (SectorEncryption.Mode mode : SectorEncryption.Mode.values()) {
      for (IvScheme scheme : IvScheme.values()) {
        byte[] key = new byte[(2 + random.nextInt(3)) * 8 * mode.keys()];
        random.nextBytes(key);
        byte[] plain = new byte[512 * (1 + random.nextInt(600))];
        random.nextBytes(plain);
        long first = random.nextLong(1L << 40);
        try (SectorEncryption encryption = new SectorEncryption(mode, scheme, key)) {
          byte[] all = encrypt(encryption, plain, first);
          int one = random.nextInt(plain.length / 512);
          byte[] sector = Arrays.copyOfRange(plain, one * 512, one * 512 + 512);
          assertThat(encrypt(encryption, sector, first + one))
              .isEqualTo(Arrays.copyOfRange(all, one * 512, one * 512 + 512));
          encryption.decrypt(MemorySegment.ofArray(all), first);
          assertThat(Arrays.equals(all, plain)).isTrue();
        }
      }
    }
  }

  @Test
  void refusesKeysOfOtherLengthsAndWorkAfterClose() {
    assertThatThrownBy(
            () -> new SectorEncryption(SectorEncryption.Mode.XTS, IvScheme.PLAIN64, new byte[33]))
        .isInstanceOf(IllegalArgumentException.class);
    SectorEncryption closed = xts("00".repeat(32));
    closed.close();
    assertThatThrownBy(() -> encrypt(closed, new byte[512], 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(closed.toString()).isEqualTo("SectorEncryption[aes-128, xts, plain64]");
  }
}
