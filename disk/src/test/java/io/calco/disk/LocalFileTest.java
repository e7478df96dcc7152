package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.sys.OpenFile;
import io.calco.sys.OpenFile.Access;
import io.calco.testkit.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  private int count;

  private interface Way {
    OpenFile open(Path path, Access access) throws IOException;
  }

  private LocalFile make(Way way) throws IOException {
    return LocalFile.owning(way.open(dir.resolve("f" + count++), Access.CREATE), true);
  }

  private static byte[] content(LocalFile file) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void behavesAsAnArrayOfBytes() {
    Seeds.run(20, random -> randomOperations(OpenFile::open, random));
  }

  @Test
  void behavesAsAnArrayOfBytesWithoutNativeAccess() {
    Seeds.run(10, random -> randomOperations(OpenFile::openPortable, random));
  }

  private void randomOperations(Way way, Random random) throws IOException {
    byte[] model = new byte[0];
    byte[] otherModel = new byte[SIZE];
    random.nextBytes(otherModel);
    Arrays.fill(otherModel, 100_000, 400_000, (byte) 0);
    try (LocalFile file = make(way);
        LocalFile other = make(way)) {
      other.write(0, MemorySegment.ofArray(otherModel));
      other.punchHole(100_000, 300_000);
      for (int i = 0; i < 60; i++) {
        int at = random.nextInt(SIZE);
        int length = random.nextInt(SIZE - at);
        switch (random.nextInt(5)) {
          case 0 -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            file.write(at, MemorySegment.ofArray(bytes));
            model = longer(model, length == 0 ? 0 : at + length);
            System.arraycopy(bytes, 0, model, Math.min(at, model.length), length);
          }
          case 1 -> {
            int inside = Math.min(at, model.length);
            int holeLength = Math.min(length, model.length - inside);
            file.punchHole(inside, holeLength);
            Arrays.fill(model, inside, inside + holeLength, (byte) 0);
          }
          case 2 -> {
            file.truncate(at);
            model = Arrays.copyOf(model, at);
          }
          default -> {
            int from = random.nextInt(SIZE - length);
            file.copyFrom(other, from, at, length);
            model = longer(model, length == 0 ? 0 : at + length);
            System.arraycopy(otherModel, from, model, Math.min(at, model.length), length);
          }
        }
        assertThat(file.size()).isEqualTo(model.length);
      }
      assertThat(Arrays.mismatch(content(file), model)).isEqualTo(-1);
      holesReadAsZeroes(file, model);
    }
  }

  private static byte[] longer(byte[] bytes, int length) {
    return length > bytes.length ? Arrays.copyOf(bytes, length) : bytes;
  }

  private static void holesReadAsZeroes(LocalFile file, byte[] model) throws IOException {
    int at = 0;
    while (at < model.length) {
      int data = Math.toIntExact(file.nextData(at));
      assertThat(data).isBetween(at, model.length);
      for (int i = at; i < data; i++) {
        assertThat(model[i]).isZero();
      }
      at = data == model.length ? data : Math.toIntExact(file.nextHole(data));
      assertThat(at).isGreaterThan(data == model.length ? data - 1 : data);
    }
  }

  @Test
  void readingBeyondTheEndIsAnEndOfFile() throws IOException {
    try (LocalFile file = make(OpenFile::open)) {
      file.write(0, MemorySegment.ofArray(new byte[100]));
      assertThatThrownBy(() -> file.read(90, MemorySegment.ofArray(new byte[20])))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("ends at 0x64, before 0x6e");
      assertThatThrownBy(() -> file.copyFrom(file, 90, 200, 20)).isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.copyFrom(file, 0, 10, 20))
          .isInstanceOf(IllegalArgumentException.class);
      file.copyFrom(file, 0, 100, 100);
      assertThat(file.size()).isEqualTo(200);
    }
  }

  @Test
  void copiesKeepHolesAndMakeThem() throws IOException {
    try (LocalFile source = make(OpenFile::open);
        LocalFile target = make(OpenFile::open)) {
      MemorySegment ones = MemorySegment.ofArray(new byte[SIZE]).fill((byte) 1);
      source.write(0, ones);
      source.truncate(64L << 20);
      target.write(32L << 20, ones);
      target.copyFrom(source, 0, 0, 64L << 20);
      assertThat(target.size()).isEqualTo(64L << 20);
      assertThat(target.nextHole(0)).isEqualTo(SIZE);
      assertThat(target.nextData(SIZE)).isEqualTo(64L << 20);
      assertThat(target.allocatedSize()).isBetween((long) SIZE, 3L * SIZE);
    }
  }

  @Test
  void directoriesAreNoFiles() {
    assertThatThrownBy(() -> LocalFile.open(dir, false))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> LocalFile.open(Path.of("/dev/null"), false))
        .isInstanceOf(UnsupportedFeatureException.class);
  }
}
