package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.MemoryFile;
import io.calco.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Deflate as zlib understands it, from any place on.
class InflateTest {

  private static final int[] FLUSHES = {
    Deflater.NO_FLUSH, Deflater.SYNC_FLUSH, Deflater.FULL_FLUSH
  };

  /// Levels, strategies and flushes by turns.
  private static byte[] deflate(byte[] plain, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    try (Deflater deflater = new Deflater(random.nextInt(10), true)) {
      for (int at = 0; at < plain.length; ) {
        int n = Math.min(plain.length - at, 1 + random.nextInt(200_000));
        deflater.setInput(plain, at, n);
        int flush = FLUSHES[random.nextInt(FLUSHES.length)];
        int length = buffer.length;
        while (length == buffer.length || !deflater.needsInput()) {
          length = deflater.deflate(buffer, 0, buffer.length, flush);
          out.write(buffer, 0, length);
        }
        at += n;
        deflater.setStrategy(random.nextInt(3));
        deflater.setLevel(random.nextInt(10));
      }
      deflater.finish();
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
    }
    return out.toByteArray();
  }

  @Test
  void givesWhatWentInFromAnyPlace() {
    Seeds.run(
        25,
        random -> {
          byte[] plain = Samples.disk(1 + random.nextInt(1 << 20), random);
          byte[] packed = deflate(plain, random);
          Inflate inflate = new Inflate(new MemoryFile(packed), Inflate.Place.atByte(0));
          byte[] out = new byte[plain.length + Inflate.SLACK];
          inflate.into(out, 0);
          boolean ended = false;
          while (!ended) {
            if (random.nextInt(3) == 0 && inflate.outPosition() < plain.length) {
              int at = inflate.outPosition();
              inflate = new Inflate(new MemoryFile(packed), inflate.place());
              inflate.into(out, at);
            }
            int until = Math.min(plain.length, inflate.outPosition() + random.nextInt(100_000));
            ended = inflate.unpack(until + (until == plain.length ? 1 : 0), 0);
          }
          assertThat(inflate.outPosition()).isEqualTo(plain.length);
          assertThat(Arrays.equals(out, 0, plain.length, plain, 0, plain.length)).isTrue();
          assertThat(inflate.alignedPosition()).isEqualTo(packed.length);
        });
  }

  /// Random damage is judged as zlib judges it.
  @Test
  void refusesWhatZlibRefuses() {
    byte[] plain = Samples.disk(20_000, new Random(5));
    Seeds.run(
        2000,
        random -> {
          byte[] packed = deflate(plain, random);
          for (int i = random.nextInt(4); i >= 0; i--) {
            packed[random.nextInt(packed.length)] ^= (byte) (1 << random.nextInt(8));
          }
          assertThat(unpack(packed)).isEqualTo(zlib(packed));
        });
  }

  /// What comes out in up to 100,000 bytes, or nothing when it is refused.
  private static byte[] unpack(byte[] packed) {
    byte[] out = new byte[100_000 + Inflate.SLACK];
    try {
      Inflate inflate = new Inflate(new MemoryFile(packed), Inflate.Place.atByte(0));
      inflate.into(out, 0);
      inflate.unpack(100_000, 0);
      return Arrays.copyOf(out, Math.min(100_000, inflate.outPosition()));
    } catch (CorruptImageException e) {
      assertThat(e).hasMessageStartingWith("memory: ");
      return new byte[0];
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] zlib(byte[] packed) {
    byte[] out = new byte[100_000];
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed);
      int length = 0;
      while (length < out.length && !inflater.finished()) {
        int n = inflater.inflate(out, length, out.length - length);
        if (n == 0 && !inflater.finished()) {
          return new byte[0];
        }
        length += n;
      }
      return Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      return new byte[0];
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "07",
        "0100",
        "010100ffff",
        "05",
        "fcff",
        "04c08100000000001000ffd56aa904",
        "0bc1",
      })
  void refuses(String packed) {
    byte[] out = new byte[1000 + Inflate.SLACK];
    assertThatThrownBy(
            () -> {
              var file = new MemoryFile(HexFormat.of().parseHex(packed));
              Inflate inflate = new Inflate(file, Inflate.Place.atByte(0));
              inflate.into(out, 0);
              inflate.unpack(1000, 0);
            })
        .isInstanceOf(CorruptImageException.class);
  }
}
