package io.calco.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.MemoryDriver;
import io.calco.disk.bytes.LittleEndian;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Images with a few bytes changed, of which only our exceptions may come, and soon.
public final class Fuzz {
  private static final int USUAL = 800;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int FILES = 5000;

  private Fuzz() {}

  /// What is done with an image.
  @FunctionalInterface
  public interface Use {
    void of(byte[] image, Random random) throws IOException;
  }

  /// A thing that may fail.
  @FunctionalInterface
  public interface Step {
    void run() throws IOException;
  }

  /// Uses one changed image after the other for a while.
  ///
  /// @param block bytes of the blocks that are looked at for content worth changing
  public static void run(byte[] image, int block, Use use) {
    run(
        USUAL,
        random -> {
          byte[] mutated = image.clone();
          mutate(mutated, block, random);
          use.of(mutated, random);
        });
  }

  /// Runs one round after the other for a while; each must end soon.
  ///
  /// @param usual milliseconds, unless `-Dcalco.fuzz` says how many
  public static void run(int usual, Seeds.Body round) {
    long until = System.nanoTime() + Duration.ofMillis(Long.getLong("calco.fuzz", usual)).toNanos();
    Seeds.run(
        100_000,
        random -> {
          if (System.nanoTime() < until) {
            long start = System.nanoTime();
            round.run(random);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
          }
        });
  }

  private static void mutate(byte[] image, int block, Random random) {
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(3) == 0 ? random.nextInt(2 * block) : place(image, block, random);
      switch (random.nextInt(4)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> image[at] = (byte) random.nextInt(256);
        case 2 -> LittleEndian.put32(image, at & ~3, random.nextInt());
        default -> LittleEndian.put16(image, at & ~1, random.nextInt(5) - 2);
      }
    }
  }

  /// A byte of a block that is not all zero.
  private static int place(byte[] image, int block, Random random) {
    for (int tries = 0; tries < 500; tries++) {
      int start = random.nextInt(image.length / block) * block;
      int at = start + random.nextInt(random.nextBoolean() ? block : Math.min(block, 64));
      for (int i = 0; i < 8; i++) {
        if (image[(at + i) % image.length] != 0) {
          return at;
        }
      }
    }
    return 0;
  }

  /// Lets our exceptions pass.
  public static void quietly(Step step) throws IOException {
    try {
      step.run();
    } catch (DiskException | FileSystemException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("no more changes after a failed write");
    }
  }

  /// Reads all that can be read.
  public static void read(FileSystemType type, byte[] image) throws IOException {
    quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          FileSystem fs = type.openReadOnly(disk)) {
        read(fs, image.length);
      }
    });
  }

  /// Reads all that can be read.
  ///
  /// @param size of the disk in bytes
  public static void read(FileSystem fs, long size) throws IOException {
    quietly(fs::facts);
    quietly(() ->
        fs.usedRuns((offset, length) -> {
          assertThat(length).isPositive();
          assertThat(offset + length).isLessThanOrEqualTo(size);
        }));
    visit(fs, "/", 0, new int[1]);
  }

  private static void visit(FileSystem fs, String path, int depth, int[] seen) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    quietly(() -> entries.addAll(fs.list(path)));
    for (DirectoryEntry entry : entries) {
      if (depth > 6 || seen[0]++ > FILES) {
        return;
      }
      String child = (path.equals("/") ? "" : path) + "/" + entry.name();
      quietly(() -> {
        fs.find(child);
        fs.extendedAttributes(child);
        switch (entry.type()) {
          case REGULAR -> fs.read(child, 0, MemorySegment.ofArray(new byte[300_000]));
          case SYMBOLIC_LINK -> fs.readLink(child);
          case DIRECTORY -> visit(fs, child, depth + 1, seen);
          default -> {}
        }
      });
    }
  }
}
