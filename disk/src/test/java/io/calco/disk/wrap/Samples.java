package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.HostFile;
import io.calco.disk.LocalFile;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.Wrapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/// Bytes like those of a disk, and what comes back out of their wrappers.
final class Samples {
  private Samples() {}

  /// Runs of zeroes, of words that repeat, and of noise.
  static byte[] disk(int length, Random random) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(1 << 1 + random.nextInt(18)));
      switch (random.nextInt(4)) {
        case 0 -> {}
        case 1 -> {
          byte[] noise = new byte[run];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, bytes, at, run);
        }
        case 2 -> {
          int distance = 1 + random.nextInt(Math.max(1, Math.min(at, 60_000)));
          for (int i = at; i < at + run; i++) {
            bytes[i] = i < distance ? 7 : bytes[i - distance];
          }
        }
        default -> {
          for (int i = at; i < at + run; i++) {
            bytes[i] = (byte) "etaoin shrdlu\n".charAt(random.nextInt(14));
          }
        }
      }
      at += run;
    }
    return bytes;
  }

  static UnwrapOptions options(Path scratch) {
    return UnwrapOptions.defaults().withScratch(scratch, 0);
  }

  /// Opens the wrapped file and reads it here and there, then all of it.
  static Wrapping.Unwrapped unwrap(Path file, UnwrapOptions options) throws IOException {
    return Wrapping.unwrapOwning(LocalFile.open(file, false), options);
  }

  static void assertHolds(HostFile file, byte[] expected, Random random) throws IOException {
    for (int i = 0; i < 8; i++) {
      int from = random.nextInt(expected.length + 1);
      int to = Math.min(expected.length, from + random.nextInt(1 << 1 + random.nextInt(20)));
      assertThat(Arrays.equals(read(file, from, to - from), Arrays.copyOfRange(expected, from, to)))
          .as("%d bytes at %d", to - from, from)
          .isTrue();
    }
    assertThat(file.reaches(expected.length)).isTrue();
    assertThat(file.reaches(expected.length + 1L)).isFalse();
    assertThat(file.size()).isEqualTo(expected.length);
    assertThat(Arrays.equals(read(file, 0, expected.length), expected)).isTrue();
  }

  static byte[] read(HostFile file, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
