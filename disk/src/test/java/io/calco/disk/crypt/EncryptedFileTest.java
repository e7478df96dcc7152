package io.calco.disk.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.MemoryFile;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// The view in the clear behaves as an array, and the file below is encrypted sector by sector.
class EncryptedFileTest {
  private static final int SIZE = 700_000 / 512 * 512;

  private static SectorEncryption encryption(SectorEncryption.Mode mode) {
    return new SectorEncryption(mode, IvScheme.PLAIN64, new byte[32]);
  }

  private static byte[] read(EncryptedFile file, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void behavesAsAnArray() {
    Seeds.run(4, EncryptedFileTest::randomOperations);
  }

  private static void randomOperations(Random random) throws IOException {
    SectorEncryption.Mode mode =
        random.nextBoolean() ? SectorEncryption.Mode.XTS : SectorEncryption.Mode.CBC;
    MemoryFile below = new MemoryFile();
    SectorEncryption encryption = encryption(mode);
    long shift = (random.nextInt(2000) - 1000) * 512L;
    long base = Math.max(0, -shift);
    EncryptedFile file = new EncryptedFile(below, encryption).shifted(shift);
    byte[] model = new byte[SIZE];
    file.punchHole(base, SIZE);
    for (int i = 0; i < 200; i++) {
      int offset = random.nextInt(SIZE);
      int length = random.nextInt(Math.min(SIZE - offset, 1 << random.nextInt(20)) + 1);
      if (random.nextInt(4) == 0) {
        offset = offset / 512 * 512;
        length = Math.min(SIZE - offset, length / 512 * 512);
      }
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment src = arena.allocate(Math.max(1, length)).asSlice(0, length);
          src.copyFrom(MemorySegment.ofArray(bytes));
          file.write(base + offset, src);
        }
      } else {
        file.write(base + offset, MemorySegment.ofArray(bytes));
      }
      System.arraycopy(bytes, 0, model, offset, length);
      int from = random.nextInt(SIZE);
      byte[] found = read(file, base + from, random.nextInt(Math.min(SIZE - from, 3000)));
      assertThat(Arrays.mismatch(found, Arrays.copyOfRange(model, from, from + found.length)))
          .isEqualTo(-1);
    }
    assertThat(Arrays.mismatch(read(file, base, SIZE), model)).isEqualTo(-1);
    byte[] raw = new byte[SIZE];
    below.read(base, MemorySegment.ofArray(raw));
    encryption.decrypt(MemorySegment.ofArray(raw), (base + shift) / 512);
    assertThat(Arrays.mismatch(raw, model)).isEqualTo(-1);
  }

  @Test
  void holesAndWhatLiesBeyondTheEndAreNotZero() throws IOException {
    SectorEncryption encryption = encryption(SectorEncryption.Mode.XTS);
    EncryptedFile file = new EncryptedFile(new MemoryFile(new byte[700]), encryption);
    byte[] expected = new byte[2048];
    encryption.decrypt(MemorySegment.ofArray(expected), 0);
    assertThat(read(file, 0, 2048)).isEqualTo(expected);
    assertThat(file.nextData(1 << 20)).isEqualTo(1 << 20);
    assertThat(file.nextHole(1 << 20)).isEqualTo(file.size());
    assertThat(file.plain()).isFalse();
  }

  /// Writers of the two halves of a sector do not undo each other's work.
  @Test
  void partsOfASectorAreWrittenSideBySide() throws Exception {
    EncryptedFile file =
        new EncryptedFile(new MemoryFile(new byte[4096]), encryption(SectorEncryption.Mode.CBC));
    file.punchHole(0, 4096);
    int threads = 4;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      var done = new java.util.ArrayList<Future<?>>();
      for (int t = 0; t < threads; t++) {
        int at = 1000 + 64 * t;
        byte mark = (byte) (t + 1);
        done.add(
            pool.submit(() -> {
              byte[] bytes = new byte[64];
              for (int i = 0; i < 300; i++) {
                Arrays.fill(bytes, (byte) (mark + i));
                file.write(at, MemorySegment.ofArray(bytes));
                assertThat(read(file, at, 64)).isEqualTo(bytes);
              }
              return null;
            }));
      }
      for (Future<?> one : done) {
        one.get();
      }
    }
  }

  @Test
  void copiesFromAnotherFile() throws IOException {
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    EncryptedFile file = new EncryptedFile(new MemoryFile(), encryption(SectorEncryption.Mode.XTS));
    file.copyFrom(new MemoryFile(content), 7, 100, 290_000);
    assertThat(Arrays.mismatch(read(file, 100, 290_000), Arrays.copyOfRange(content, 7, 290_007)))
        .isEqualTo(-1);
  }
}
