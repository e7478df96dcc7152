package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every format keeps when its images are damaged or made to do harm: our own exceptions only,
/// in seconds, in bounded memory. A subclass gives sound images to damage.
///
/// An image that broke a format once is kept in `src/test/corpus/FORMAT/` and tried again in every
/// run; one that breaks it now is written to `target/corpus/FORMAT/`.
public abstract class MutationContract {
  private static final Duration TIME_LIMIT = Duration.ofMinutes(1);
  private static final long MEMORY_LIMIT = 256L << 20;
  private static final long READ_LIMIT = 4L << 20;
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    7,
    511,
    512,
    513,
    4095,
    4096,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFF_FFFFL,
    0x8000_0000L,
    0xFFFF_FFFFL,
    0xFFFF_FE00L,
    1L << 32,
    1L << 40,
    1L << 56,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -512
  };

  /// The format under test.
  protected abstract ImageFormat format();

  /// Sound images of all kinds the format has, small ones.
  protected abstract List<byte[]> images() throws IOException;

  /// Damaged images to try.
  protected int count() {
    return 2000;
  }

  /// Where an image's metadata lie, as pairs of start and length; damage goes there more often.
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {0, Math.min(image.length, 4096)},
        new long[] {Math.max(0, image.length - 1024), Math.min(image.length, 1024)});
  }

  /// A damaged image as it is tried: a format with checksums mends those, so that the damage is
  /// found by what lies behind them.
  protected byte[] finish(byte[] image, Random random) {
    return image;
  }

  /// The files beside the image.
  protected Companions companions() {
    return Companions.none();
  }

  @Test
  void damageNeverLeadsToMoreThanAnExceptionOfOurs() throws IOException {
    List<byte[]> images = images();
    Seeds.run(
        count(),
        random -> {
          byte[] image = images.get(random.nextInt(images.size())).clone();
          int wounds = 1 + random.nextInt(4);
          for (int i = 0; i < wounds; i++) {
            image = damage(image, images, random);
          }
          tryAll(finish(image, random), random);
        });
  }

  @Test
  void imagesThatBrokeItOnceDoNoMore() throws IOException {
    Path corpus = Path.of("src/test/corpus", format().name());
    if (!Files.isDirectory(corpus)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(corpus)) {
      for (Path file : files) {
        byte[] image = Files.readAllBytes(file);
        for (int seed = 0; seed < 8; seed++) {
          tryAll(image, new Random(seed));
        }
      }
    }
  }

  private byte[] damage(byte[] image, List<byte[]> images, Random random) {
    if (image.length == 0) {
      return image;
    }
    int at = place(image, random);
    switch (random.nextInt(8)) {
      case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> image[at] = (byte) random.nextInt();
      case 2 -> {
        byte[] noise = new byte[Math.min(image.length - at, 1 + random.nextInt(64))];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, image, at, noise.length);
      }
      case 3 -> {
        return Arrays.copyOf(image, random.nextInt(image.length + 1));
      }
      case 4 -> {
        byte[] other = images.get(random.nextInt(images.size()));
        int from = random.nextInt(Math.max(1, other.length));
        int length =
            Math.min(random.nextInt(512), Math.min(other.length - from, image.length - at));
        System.arraycopy(other, from, image, at, Math.max(0, length));
      }
      default -> putNumber(image, at, random);
    }
    return image;
  }

  private int place(byte[] image, Random random) {
    if (random.nextInt(4) > 0) {
      List<long[]> known = metadata(image);
      long[] area = known.get(random.nextInt(known.size()));
      long at = area[0] + random.nextLong(Math.max(1, area[1]));
      return Math.toIntExact(Math.clamp(at, 0, image.length - 1L));
    }
    return random.nextInt(image.length);
  }

  /// A number of 2, 4 or 8 bytes on its own boundary, in either order.
  private static void putNumber(byte[] image, int place, Random random) {
    MemorySegment bytes = MemorySegment.ofArray(image);
    long number = NUMBERS[random.nextInt(NUMBERS.length)] + (random.nextInt(8) == 0 ? 1 : 0);
    ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    int width = 2 << random.nextInt(3);
    int at = place / width * width;
    if (at + width > image.length) {
      return;
    }
    switch (width) {
      case 2 -> bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), at, (short) number);
      case 4 -> bytes.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), at, (int) number);
      default -> bytes.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), at, number);
    }
  }

  private void tryAll(byte[] image, Random random) throws IOException {
    MemoryFile file = new MemoryFile(image);
    long started = System.nanoTime();
    long allocated = allocatedBytes();
    try {
      useAll(file, random);
    } catch (DiskException | java.io.EOFException expected) {
      assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
    } catch (IllegalStateException e) {
      // a MemoryFile's own limit
      if (!String.valueOf(e.getMessage()).contains("a file of")) {
        throw keep(image, e);
      }
    } catch (RuntimeException | Error e) {
      throw keep(image, e);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    long memory = allocatedBytes() - allocated;
    if (took.compareTo(TIME_LIMIT) > 0 || memory > MEMORY_LIMIT) {
      fail(
          "%s; took %s and %d bytes of memory"
              .formatted(keep(image, new Error("bounds")).getMessage(), took, memory));
    }
    assertThat(file.closed()).as("file closed").isTrue();
  }

  private void useAll(MemoryFile file, Random random) throws IOException {
    if (!format().probe(file)) {
      file.close();
      return;
    }
    FormatOpenOptions options =
        new FormatOpenOptions(
            random.nextBoolean(),
            Optional.empty(),
            random.nextBoolean(),
            companions(),
            Optional.of(Passphrase.of(new byte[] {'x'})));
    OpenedFormat open = format().openOwning(file, options);
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      open.info();
      open.verify(JobContext.SILENT);
      if (options.writable() && options.forRepair()) {
        open.repair(RepairScope.ALL, JobContext.SILENT);
        return;
      }
      readEnds(disk);
      if (disk.capabilities().writable() && disk.size() > 32_768) {
        disk.writeBytes(random.nextInt(10_000), new byte[10_000]);
        disk.writeZeroes(random.nextInt(10_000), 10_000, ZeroMode.MAY_UNMAP);
        if (disk.capabilities().resizable()) {
          disk.resize(disk.size() / 512 * 512 + 4096);
        }
      }
    }
  }

  /// The first and the last MiB, and the extents between, up to a bound.
  private static void readEnds(Disk disk) throws IOException {
    int length = Math.toIntExact(Math.min(disk.size(), READ_LIMIT / 4));
    disk.readBytes(0, length);
    disk.readBytes(disk.size() - length, length);
    int extents = 0;
    for (long at = 0; at < disk.size() && extents < 10_000; extents++) {
      at = disk.extentAt(at, disk.size() - at).end();
    }
  }

  private AssertionError keep(byte[] image, Throwable cause) throws IOException {
    Path found = Path.of("target/corpus", format().name());
    Files.createDirectories(found);
    Path file = found.resolve("%08x".formatted(Arrays.hashCode(image)));
    Files.write(file, image);
    return new AssertionError(
        "%s; image kept as %s".formatted(cause, file.toAbsolutePath()), cause);
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
