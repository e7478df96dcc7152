package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every disk keeps, whatever it lies in. A subclass makes the disk and declares how it
/// differs.
public abstract class DiskContract {
  private static final int SIZE = 640 << 10;

  /// A new disk of `size` bytes that reads as zeroes.
  protected abstract Disk create(long size) throws IOException;

  /// What the disks of this kind can do.
  protected abstract DiskCapabilities expected();

  @Test
  void declaresItsCapabilities() throws IOException {
    try (Disk disk = create(SIZE)) {
      assertThat(disk.capabilities()).isEqualTo(expected());
      assertThat(disk.size()).isEqualTo(SIZE);
    }
  }

  @Test
  void readsZeroesWhenNew() throws IOException {
    try (Disk disk = create(SIZE)) {
      assertThat(Arrays.mismatch(disk.readBytes(0, SIZE), new byte[SIZE])).isEqualTo(-1);
    }
  }

  @Test
  void refusesWhatLiesOutside() throws IOException {
    try (Disk disk = create(SIZE)) {
      assertThatThrownBy(() -> disk.readBytes(SIZE - 1, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> disk.writeBytes(-1, new byte[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> disk.extentAt(0, SIZE + 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      disk.writeBytes(SIZE, new byte[0]);
    }
  }

  @Test
  void refusesToWriteWhenOnlyRead() throws IOException {
    try (Disk disk = create(SIZE);
        Disk view = disk.readOnly()) {
      assertThatThrownBy(() -> view.writeBytes(0, new byte[1]))
          .isInstanceOf(UnsupportedFeatureException.class);
      disk.writeBytes(7, new byte[] {1, 2});
      assertThat(view.readBytes(6, 4)).containsExactly(0, 1, 2, 0);
    }
  }

  @Test
  void refusesAfterClose() throws IOException {
    Disk disk = create(SIZE);
    disk.close();
    disk.close();
    assertThatThrownBy(() -> disk.readBytes(0, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void behavesAsAnArray() {
    Seeds.run(4, this::randomOperations);
  }

  private void randomOperations(Random random) throws IOException {
    byte[] model = new byte[SIZE];
    try (Disk disk = create(SIZE)) {
      for (int i = 0; i < 150; i++) {
        int offset = random.nextInt(model.length);
        int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(18)));
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            disk.writeBytes(offset, bytes);
            System.arraycopy(bytes, 0, model, offset, length);
          }
          case 2 -> {
            ZeroMode mode = random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
            disk.writeZeroes(offset, length, mode);
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          case 3 -> {
            disk.discard(offset, length);
            System.arraycopy(disk.readBytes(offset, length), 0, model, offset, length);
          }
          case 4 -> checkExtents(disk, model, offset);
          default -> model = resize(disk, model, random);
        }
        if (random.nextInt(20) == 0) {
          disk.sync();
        }
      }
      assertThat(Arrays.mismatch(disk.readBytes(0, model.length), model))
          .as("first byte that differs")
          .isEqualTo(-1);
      checkExtents(disk, model, 0);
    }
  }

  private byte[] resize(Disk disk, byte[] model, Random random) throws IOException {
    if (!expected().resizable()) {
      return model;
    }
    int size = SIZE / 2 + random.nextInt(SIZE / 2) / 512 * 512;
    disk.resize(size);
    assertThat(disk.size()).isEqualTo(size);
    return Arrays.copyOf(model, size);
  }

  private static void checkExtents(Disk disk, byte[] model, int from) throws IOException {
    long at = from;
    Extent last = null;
    while (at < disk.size()) {
      Extent extent = disk.extentAt(at, disk.size() - at);
      assertThat(extent.offset()).isEqualTo(at);
      assertThat(last == null || !last.sameStatus(extent)).as("merged at %d", at).isTrue();
      for (long i = at; extent.readsZero() && i < extent.end(); i++) {
        assertThat(model[(int) i]).as("byte %d, said to be zero", i).isZero();
      }
      at = extent.end();
      last = extent;
    }
    assertThat(at).isEqualTo(disk.size());
  }

  @Test
  void servesThreadsSideBySide() throws Exception {
    int threads = 4;
    int part = SIZE / threads;
    try (Disk disk = create(SIZE);
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      var done = new java.util.ArrayList<Future<?>>();
      for (int t = 0; t < threads; t++) {
        long seed = t;
        int base = t * part;
        done.add(pool.submit(() -> writeAndReadOwnPart(disk, base, part, new Random(seed))));
      }
      for (Future<?> one : done) {
        one.get();
      }
    }
  }

  private static Object writeAndReadOwnPart(Disk disk, int base, int part, Random random)
      throws IOException {
    byte[] model = new byte[part];
    for (int i = 0; i < 60; i++) {
      int offset = random.nextInt(part);
      byte[] bytes = new byte[1 + random.nextInt(Math.min(part - offset, 20_000))];
      random.nextBytes(bytes);
      disk.write(base + offset, MemorySegment.ofArray(bytes));
      System.arraycopy(bytes, 0, model, offset, bytes.length);
      int from = random.nextInt(part);
      byte[] read = disk.readBytes(base + from, Math.min(part - from, 10_000));
      assertThat(Arrays.mismatch(read, Arrays.copyOfRange(model, from, from + read.length)))
          .isEqualTo(-1);
    }
    return model;
  }
}
