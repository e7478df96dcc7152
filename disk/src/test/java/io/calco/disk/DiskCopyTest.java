package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCopyTest {
  private static final int SIZE = (5 << 20) + 1536;

  @TempDir Path dir;

  /// Zeroes with islands of data of odd lengths at odd places, the last byte among them.
  private static byte[] islands(long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[SIZE];
    for (int i = 0; i < 40; i++) {
      int at = random.nextInt(SIZE);
      int length = Math.min(SIZE - at, 1 + random.nextInt(90_000));
      byte[] island = new byte[length];
      random.nextBytes(island);
      System.arraycopy(island, 0, bytes, at, length);
    }
    bytes[SIZE - 1] = 1;
    return bytes;
  }

  private static CopyOptions options(int threads, boolean targetIsZero, int sparse, int unit) {
    return new CopyOptions(threads, targetIsZero, sparse, unit, 1 << 20, "copying");
  }

  @Test
  void everyCombinationOfOptionsCopiesEveryByte() throws IOException {
    byte[] bytes = islands(1);
    for (int threads : new int[] {1, 2, 5}) {
      for (int unit : new int[] {1, 4096, 65536, 2 << 20}) {
        for (int sparse : new int[] {0, 4096, 65536}) {
          byte[] target = new byte[SIZE];
          Arrays.fill(target, (byte) 7);
          Disk to = Disk.owning(new MemoryDriver(target));
          Disk from = Disk.owning(new MemoryDriver(bytes.clone()));
          DiskCopy.copy(from, to, options(threads, false, sparse, unit), JobContext.SILENT);
          assertThat(to.readBytes(0, SIZE))
              .as("threads %d, unit %d, sparse %d", threads, unit, sparse)
              .isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  void zeroRunsStayHolesInAFile() throws IOException {
    Path file = dir.resolve("target.img");
    Image.create(file, "raw", CreateOptions.ofSize(64 << 20));
    try (Image image = Image.open(file, ImageOptions.reading().with(ImageOptions.Access.WRITE))) {
      byte[] bytes = new byte[64 << 20];
      bytes[40 << 20] = 1;
      DiskCopy.copy(
          Disk.owning(new MemoryDriver(bytes)),
          image.disk(),
          CopyOptions.toNew(image, "copying"),
          JobContext.SILENT);
      assertThat(image.disk().readBytes(40 << 20, 1)).containsExactly(1);
    }
    assertThat(Files.size(file)).isEqualTo(64 << 20);
    assertThat((long) (Integer) Files.getAttribute(file, "unix:nlink")).isEqualTo(1);
  }

  @Test
  void aFailureAmongManyThreadsIsThrownOnce() {
    Disk from =
        Disk.owning(
            new MemoryDriver(islands(2)) {
              @Override
              public void read(long offset, java.lang.foreign.MemorySegment dst) {
                if (offset >= 3 << 20) {
                  throw new java.io.UncheckedIOException(new IOException("bad sector"));
                }
                super.read(offset, dst);
              }
            });
    Disk to = Disk.owning(new MemoryDriver(new byte[SIZE]));
    assertThatThrownBy(
            () -> DiskCopy.copy(from, to, options(4, true, 4096, 4096), JobContext.SILENT))
        .hasMessageContaining("bad sector");
  }

  @Test
  void aCancelledJobStops() {
    JobContext cancelled =
        new JobContext() {
          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            throw new CancellationException();
          }
        };
    Disk disk = Disk.owning(new MemoryDriver(new byte[SIZE]));
    assertThatThrownBy(() -> DiskCopy.copy(disk, disk, options(2, true, 4096, 4096), cancelled))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void theFirstDifferenceIsFound() throws IOException {
    byte[] bytes = islands(3);
    for (int at : new int[] {0, 1, 1 << 20, 3_333_333, SIZE - 1}) {
      byte[] other = bytes.clone();
      other[at] ^= 1;
      other[SIZE - 1] ^= 2;
      assertThat(
              DiskCompare.firstDifference(
                  Disk.owning(new MemoryDriver(bytes.clone())),
                  Disk.owning(new MemoryDriver(other)),
                  JobContext.SILENT))
          .isEqualTo(OptionalLong.of(at));
    }
  }

  @Test
  void theShorterDiskIsTakenAsFollowedByZeroes() throws IOException {
    byte[] bytes = islands(4);
    byte[] longer = Arrays.copyOf(bytes, SIZE + 70_000);
    assertThat(difference(bytes, longer)).isEmpty();
    assertThat(difference(longer, bytes)).isEmpty();
    longer[SIZE + 69_999] = 1;
    assertThat(difference(bytes, longer)).hasValue(SIZE + 69_999);
  }

  private static OptionalLong difference(byte[] one, byte[] other) throws IOException {
    return DiskCompare.firstDifference(
        Disk.owning(new MemoryDriver(one.clone())),
        Disk.owning(new MemoryDriver(other.clone())),
        JobContext.SILENT);
  }

  @Test
  void aFilesDigestIsThatOfItsBytes() throws Exception {
    byte[] bytes = islands(5);
    Path file = Files.write(dir.resolve("file"), bytes);
    String expected = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    assertThat(FileDigest.sha256(file, JobContext.SILENT)).isEqualTo(expected);
    Path empty = Files.createFile(dir.resolve("empty"));
    assertThat(FileDigest.sha256(empty, JobContext.SILENT))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }
}
