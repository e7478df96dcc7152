package io.calco.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against published vectors, and against the JDK, which shares no code with OpenSSL.
class CryptographyTest {
  private static final HexFormat HEX = HexFormat.of();
  private final Random random = new Random(5);

  @Test
  void theWorkIsTheHosts() {
    assertThat(Cryptography.ofHost()).as("OpenSSL is one of the tests' tools").isTrue();
  }

  /// FIPS 180-4's examples.
  @Test
  void sha256HasThePublishedDigests() {
    assertThat(HEX.formatHex(Cryptography.sha256().digest("abc".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(HEX.formatHex(Cryptography.sha256().digest()))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  /// RFC 4231, test case 2.
  @Test
  void hmacHasThePublishedCode() {
    byte[] key = "Jefe".getBytes(StandardCharsets.UTF_8);
    ByteBuffer text = StandardCharsets.UTF_8.encode("what do ya want for nothing?");
    assertThat(HEX.formatHex(Cryptography.hmacSha256(key, text)))
        .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assertThat(text.hasRemaining()).isFalse();
  }

  /// The GCM specification's test cases 13 and 14 (McGrew and Viega, appendix B).
  @Test
  void gcmHasThePublishedTags() throws AEADBadTagException {
    byte[] key = new byte[32];
    byte[] nonce = new byte[12];
    assertThat(HEX.formatHex(Cryptography.seal(key, nonce, new byte[0])))
        .isEqualTo("530f8afbc74536b9a963b4f1c4cb738b");
    byte[] sealed = Cryptography.seal(key, nonce, new byte[16]);
    assertThat(HEX.formatHex(sealed))
        .isEqualTo("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    assertThat(Cryptography.open(key, nonce, sealed)).isEqualTo(new byte[16]);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 262_143, 262_144, 262_145, 1_000_000})
  void allAgreeWithTheJdk(int length) throws GeneralSecurityException {
    byte[] text = bytes(length);
    byte[] key = bytes(32);
    byte[] nonce = bytes(12);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
    assertThat(Cryptography.sha256().digest(text)).isEqualTo(digest);
    ByteBuffer direct = ByteBuffer.allocateDirect(length).put(text).flip();
    MessageDigest parts = Cryptography.sha256();
    parts.update(direct);
    assertThat(direct.hasRemaining()).isFalse();
    assertThat(parts.digest()).isEqualTo(digest);
    int half = length / 2;
    for (int i = 0; i < half % 5; i++) {
      parts.update(text[i]);
    }
    parts.update(text, half % 5, length - half % 5);
    assertThat(parts.digest()).as("used again, in parts").isEqualTo(digest);

    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    assertThat(
            Cryptography.hmacSha256(
                key, ByteBuffer.wrap(text, 0, half), direct.position(half).limit(length)))
        .isEqualTo(mac.doFinal(text));

    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    byte[] sealed = Cryptography.seal(key, nonce, text);
    assertThat(sealed).isEqualTo(cipher.doFinal(text));
    assertThat(Cryptography.open(key, nonce, sealed)).isEqualTo(text);
    ByteBuffer outside = ByteBuffer.allocateDirect(sealed.length + 3).position(3).put(sealed);
    ByteBuffer opened = Cryptography.open(key, nonce, outside.position(3));
    byte[] inPlace = new byte[opened.remaining()];
    opened.get(inPlace);
    assertThat(inPlace).isEqualTo(text);
  }

  @Test
  void whatWasChangedIsNotOpened() {
    byte[] key = bytes(32);
    byte[] nonce = bytes(12);
    byte[] sealed = Cryptography.seal(key, nonce, bytes(1000));
    for (int at : new int[] {0, 500, 999, 1000, 1015}) {
      byte[] changed = sealed.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> Cryptography.open(key, nonce, changed))
          .isInstanceOf(AEADBadTagException.class);
      ByteBuffer outside = ByteBuffer.allocateDirect(changed.length).put(changed).flip();
      assertThatThrownBy(() -> Cryptography.open(key, nonce, outside))
          .isInstanceOf(AEADBadTagException.class);
    }
    ByteBuffer shorter = ByteBuffer.allocateDirect(15);
    assertThatThrownBy(() -> Cryptography.open(key, nonce, shorter))
        .isInstanceOf(AEADBadTagException.class);
    assertThatThrownBy(() -> Cryptography.open(key, nonce, Arrays.copyOf(sealed, 15)))
        .isInstanceOf(AEADBadTagException.class);
    assertThatThrownBy(() -> Cryptography.open(bytes(32), nonce, sealed))
        .isInstanceOf(AEADBadTagException.class);
  }

  @Test
  void manyThreadsHashAtOnce() {
    byte[] text = bytes(300_000);
    byte[] digest = Cryptography.sha256().digest(text);
    assertThat(
            IntStream.range(0, 2000)
                .parallel()
                .filter(i -> !Arrays.equals(Cryptography.sha256().digest(text), digest))
                .count())
        .isZero();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
