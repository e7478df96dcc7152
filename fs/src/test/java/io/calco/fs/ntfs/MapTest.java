package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.fs.FileDisk;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which clusters are in use: what partclone says, and what a volume needs.
class MapTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  private record Run(long offset, long length) {}

  private static List<Run> runs(NtfsImage image) throws IOException {
    List<Run> runs = new ArrayList<>();
    image.read(fs -> fs.usedRuns((offset, length) -> runs.add(new Run(offset, length))));
    return runs;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096", "-c 512", "-c 65536"})
  void isPartclonesAndTheCopyOfTheBootSector(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 60, options.split(" "));
    image.shell(ReadTest.FILL);
    List<Run> runs = runs(image);
    Path saved = directory.resolve("saved.img");
    Oracle.named("partclone.ntfs")
        .run("-c", "-s", image.path(), "-O", saved, "-L", directory.resolve("log"))
        .succeeds();
    List<Run> theirs = new ArrayList<>();
    long size = Files.size(image.path());
    try (Image opened = Image.open(saved, ImageOptions.reading())) {
      Disk disk = opened.disk();
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        if (extent.allocated()) {
          theirs.add(new Run(at, extent.length()));
        }
        at = extent.end();
      }
    }
    // The copy of the boot sector lies in the last sector, behind all clusters, and partclone
    // loses it.
    assertThat(runs.getLast().offset() + runs.getLast().length()).isEqualTo(size);
    assertThat(runs.getLast()).isEqualTo(new Run(size - 512, 512));
    assertThat(runs.subList(0, runs.size() - 1)).isEqualTo(theirs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096", "-c 1024"})
  void aCopyOfThemIsWhole(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 60, options.split(" "));
    image.shell(ReadTest.FILL);
    NtfsImage copy = new NtfsImage(directory.resolve("copy.img"));
    try (Disk from = FileDisk.readOnly(image.path());
        RandomAccessFile to = new RandomAccessFile(copy.path().toFile(), "rw")) {
      to.setLength(from.size());
      for (Run run : runs(image)) {
        to.seek(run.offset());
        to.write(from.readBytes(run.offset(), (int) run.length()));
      }
      byte[] boot = from.readBytes(0, 512);
      assertThat(from.readBytes(from.size() - 512, 512)).isEqualTo(boot);
      to.seek(0);
      to.write(new byte[512]);
    }
    // As a damaged boot sector is read by its copy.
    assertThat(copy.tree()).isEqualTo(image.tree());
    try (RandomAccessFile to = new RandomAccessFile(copy.path().toFile(), "rw");
        Disk from = FileDisk.readOnly(image.path())) {
      to.write(from.readBytes(0, 512));
    }
    copy.check();
    copy.compare();
  }
}
