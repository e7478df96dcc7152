package io.calco.disk.dmg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.disk.Imports;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams that Apple's reference implementation of LZFSE packed.
class LzfseTest {
  @TempDir Path dir;

  /// Text of a few thousand words, told by its length alone.
  private static byte[] text(int length) {
    Random random = new Random(length);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      int word = (int) Math.abs(random.nextGaussian() * 300);
      text.append(Integer.toString(word * 7919, 36)).append(random.nextInt(9) == 0 ? ".\n" : " ");
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  /// Packed by the reference implementation: the shorter as `bvxn`, the longer as `bvx2`.
  @ParameterizedTest
  @ValueSource(ints = {2000, 60_000})
  void readsWhatTheReferenceWrote(int length) throws IOException {
    byte[] out = new byte[length];
    Lzfse.unpack(packed(length), out);
    assertThat(Arrays.mismatch(out, text(length))).isEqualTo(-1);
  }

  private static byte[] packed(int length) throws IOException {
    String name = "text-%d.lzfse".formatted(length);
    try (InputStream in = LzfseTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2000, 60_000})
  void damageLeadsToNothingButAnIOException(int length) throws IOException {
    byte[] packed = packed(length);
    byte[] out = new byte[length];
    Seeds.run(
        2000,
        random -> {
          byte[] damaged = Arrays.copyOf(packed, packed.length - random.nextInt(2));
          for (int i = 0; i < 1 + random.nextInt(4); i++) {
            int at = random.nextInt(random.nextBoolean() ? 400 : damaged.length);
            damaged[at] = (byte) random.nextInt();
          }
          try {
            Lzfse.unpack(damaged, out);
          } catch (IOException expected) {
            assertThat(expected.getMessage()).isNotBlank();
          }
        });
  }

  /// With the reference implementation at hand, much more.
  @Test
  void readsWhateverTheReferenceWrites() {
    Optional<Oracle> lzfse = Oracle.find("lzfse");
    assumeTrue(lzfse.isPresent(), "lzfse is not installed; it is in no distribution");
    Seeds.run(
        30,
        random -> {
          byte[] content = Imports.content(1 + random.nextInt(1 << 20), random);
          if (random.nextBoolean()) {
            content = text(1 + random.nextInt(300_000));
          }
          Path plain = dir.resolve("plain");
          Path packed = dir.resolve("packed");
          Files.write(plain, content);
          lzfse.get().run("-encode", "-i", plain, "-o", packed).succeeds();
          byte[] out = new byte[content.length];
          Lzfse.unpack(Files.readAllBytes(packed), out);
          assertThat(Arrays.mismatch(out, content)).isEqualTo(-1);
        });
  }

  @Test
  void readsStoredBlocks() throws IOException {
    byte[] packed = HexFormat.of().parseHex("6276782d03000000616263" + "62767824");
    byte[] out = new byte[3];
    Lzfse.unpack(packed, out);
    assertThat(out).isEqualTo("abc".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> Lzfse.unpack(packed, new byte[4])).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Lzfse.unpack(packed, new byte[2])).isInstanceOf(IOException.class);
  }
}
