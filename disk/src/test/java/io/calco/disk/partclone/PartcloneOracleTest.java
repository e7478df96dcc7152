package io.calco.disk.partclone;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.DiskCompare;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that partclone made, read by us; images that we made, checked and restored by partclone.
class PartcloneOracleTest {
  private static final int SMALL = 8 << 20;

  @TempDir Path dir;

  /// Runs all, side by side: partclone sleeps most of the time.
  private static void together(List<Callable<Void>> work) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      for (Future<Void> done : pool.invokeAll(work)) {
        try {
          done.get();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw e;
        }
      }
    }
  }

  private record FileSystem(
      String program, long size, int strip, List<String> make, List<String> options) {
    FileSystem(String program, long size, int strip, List<String> make, String... options) {
      this(program, size, strip, make, List.of(options));
    }
  }

  @Test
  void readsWhatPartcloneWrote() throws Exception {
    Oracle.named("partclone.restore");
    Oracle.named("mkfs.ntfs");
    List<String> ext = List.of("mkfs.ext4", "-q", "-F", "-b", "1024");
    together(
        List.of(
            reading(new FileSystem("extfs", SMALL, 1 << 20, ext)),
            reading(new FileSystem("extfs", SMALL, 1 << 20, ext, "-a0")),
            reading(new FileSystem("extfs", SMALL, 1 << 20, ext, "-k1")),
            reading(new FileSystem("extfs", SMALL, 7 << 10, ext, "-k7")),
            reading(new FileSystem("extfs", SMALL, 100 << 10, ext, "-k100", "-K")),
            reading(new FileSystem("ext4", 70 << 20, 1 << 20, List.of("mkfs.ext4", "-q", "-F"))),
            reading(new FileSystem("ntfs", SMALL, 1 << 20, List.of("mkfs.ntfs", "-F", "-q", "-Q"))),
            reading(new FileSystem("fat", SMALL, 1 << 20, List.of("mkfs.fat"))),
            reading(new FileSystem("btrfs", 120 << 20, 1 << 20, List.of("mkfs.btrfs", "-q"))),
            reading(new FileSystem("xfs", 320 << 20, 1 << 20, List.of("mkfs.xfs", "-q"))),
            reading(new FileSystem("imager", SMALL, 1 << 20, List.of("test", "-f"))),
            reading(new FileSystem("imager", 1536, 1 << 20, List.of("test", "-f"), "-k2"))));
  }

  private Callable<Void> reading(FileSystem fs) {
    return () -> {
      Path device = Files.createTempFile(dir, fs.program(), ".raw");
      fill(device, fs);
      Path image = device.resolveSibling(device.getFileName() + ".img");
      Partclone.save(fs.program(), device, image, fs.options());
      Path restored = Partclone.restore(image, fs.size(), fs.strip());
      try (Image open = Image.open(image, ImageOptions.reading());
          Image theirs = Image.open(restored, ImageOptions.reading().withFormat("raw"))) {
        assertThat(open.format()).isEqualTo("partclone");
        assertThat(open.disk().size()).isEqualTo(fs.size());
        assertThat(DiskCompare.firstDifference(open.disk(), theirs.disk(), JobContext.SILENT))
            .as("%s", fs)
            .isEmpty();
        assertThat(open.verify(JobContext.SILENT).findings()).as("%s", fs).isEmpty();
        assertThat(open.verify(JobContext.SILENT).imageEndOffset()).isEqualTo(Files.size(image));
      }
      return null;
    };
  }

  /// A file system with a few files in it where that is easily done, or random bytes.
  private static void fill(Path device, FileSystem fs) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(Math.min(fs.size(), 3 << 20))];
    new Random(5).nextBytes(bytes);
    if (fs.program().equals("imager")) {
      Files.write(device, bytes);
    }
    try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "rw")) {
      file.setLength(fs.size());
    }
    Object[] arguments = new Object[fs.make().size()];
    for (int i = 1; i < arguments.length; i++) {
      arguments[i - 1] = fs.make().get(i);
    }
    arguments[arguments.length - 1] = device;
    Oracle.named(fs.make().getFirst()).run(arguments).succeeds();
    if (fs.program().startsWith("ext")) {
      Path content = Files.write(device.resolveSibling(device.getFileName() + ".data"), bytes);
      for (String command : List.of("write %s one", "write %s two", "rm one", "write %s three")) {
        Oracle.named("debugfs").run("-w", "-R", command.formatted(content), device).succeeds();
      }
    }
  }

  @Test
  void writesWhatPartcloneReads() throws Exception {
    Oracle.named("partclone.restore");
    Seeds.run(
        1,
        random ->
            together(
                List.of(
                    writing(random, 4096, "raw", Checksum.CRC32, Optional.empty()),
                    writing(random, 512, "FAT32", Checksum.CRC32, Optional.empty()),
                    writing(random, 1024, "EXTFS", Checksum.CRC32, Optional.of(1)),
                    writing(random, 4096, "NTFS", Checksum.CRC32, Optional.of(7)),
                    writing(random, 4096, "XFS", Checksum.CRC32, Optional.of(2560)),
                    writing(random, 65536, "BTRFS", Checksum.CRC32, Optional.empty()),
                    writing(random, 4096, "HFS Plus", Checksum.NONE, Optional.empty()))));
  }

  private Callable<Void> writing(
      Random random, int blockSize, String fileSystem, Checksum sum, Optional<Integer> blocks) {
    int tail = blockSize > 512 && random.nextBoolean() ? 512 : 0;
    Images.Device device = Images.device(random, SMALL + tail, blockSize);
    int strip = blocks.map(count -> count * blockSize).orElse(1 << 20);
    return () -> {
      byte[] image = Images.version2(device, new PartcloneOptions(fileSystem, sum, blocks));
      Path file = Files.createTempFile(dir, "ours", ".img");
      Files.write(file, image);
      Partclone.check(file).succeeds().says(fileSystem);
      Path restored = Partclone.restore(file, device.content().length, strip);
      assertThat(Arrays.mismatch(Files.readAllBytes(restored), device.expected())).isEqualTo(-1);
      return null;
    };
  }

  @Test
  void partcloneReadsTheVersion1ImagesOfOurTests() throws Exception {
    Oracle.named("partclone.restore");
    Images.Device device = Images.device(new Random(3), SMALL, 4096);
    Path file = Files.write(dir.resolve("version1.img"), Images.version1(device, false));
    assertThat(Files.readAllBytes(Partclone.restore(file, SMALL, 4096)))
        .isEqualTo(device.expected());
  }
}
