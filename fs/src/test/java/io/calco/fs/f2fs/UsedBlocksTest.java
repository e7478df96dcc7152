package io.calco.fs.f2fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Extent;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.InMemory;
import io.calco.fs.UsedBlocks;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in use is what partclone takes to be, and is all that fsck.f2fs needs.
class UsedBlocksTest {
  private static final int BLOCK = 4096;
  private static final int MEBIBYTES = 100;

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path make(boolean filled) throws IOException {
    Path path = Files.createTempFile(directory, "f2fs", ".img");
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength((long) MEBIBYTES << 20);
    }
    Oracle.named("mkfs.f2fs").run("-q", "-l", "the root", path).succeeds();
    if (filled) {
      Path files = Files.createTempDirectory(directory, "files");
      Random random = new Random(1);
      for (int i = 0; i < 300; i++) {
        byte[] content = new byte[random.nextInt(60_000)];
        Files.write(files.resolve("file" + i), content);
      }
      Oracle.named("sload.f2fs").run("-f", files, path).succeeds();
    }
    return path;
  }

  private static BitSet used(Disk disk) throws IOException {
    BitSet used = new BitSet();
    new F2fsType()
        .openUsedBlocks(disk)
        .usedRuns((offset, length) -> {
          assertThat(used.length() * (long) BLOCK).isLessThan(Math.max(1, offset));
          used.set((int) (offset / BLOCK), (int) ((offset + length) / BLOCK));
        });
    return used;
  }

  @Test
  void whatIsInUseIsPartclones() throws IOException {
    for (boolean filled : new boolean[] {false, true}) {
      Path path = make(filled);
      try (Disk disk = FileDisk.readOnly(path)) {
        BitSet used = used(disk);
        BitSet different = partclones(path);
        different.xor(used);
        assertThat(different.stream()).as("in use by us or partclone, not by both").isEmpty();
        Path restored = Files.createTempFile(directory, "restored", ".img");
        try (var copy = new RandomAccessFile(restored.toFile(), "rw")) {
          copy.setLength(disk.size());
          for (int block : used.stream().toArray()) {
            copy.seek((long) block * BLOCK);
            copy.write(disk.readBytes((long) block * BLOCK, BLOCK));
          }
        }
        assertThat(Oracle.named("fsck.f2fs").run("--dry-run", restored).succeeds().out())
            .contains("[Ok..]")
            .doesNotContain("Fail]");
      }
    }
  }

  /// What partclone takes to be in use.
  private BitSet partclones(Path image) throws IOException {
    Path out = Files.createTempFile(directory, "partclone", ".img");
    Oracle.named("partclone.f2fs")
        .run("-c", "-F", "-q", "-L", "/dev/null", "-s", image, "-O", out)
        .succeeds();
    BitSet used = new BitSet();
    try (Image open = Image.open(out, ImageOptions.reading().withFormat("partclone"))) {
      Disk disk = open.disk();
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        if (extent.allocated()) {
          used.set((int) (at / BLOCK), (int) (extent.end() / BLOCK));
        }
        at = extent.end();
      }
    }
    return used;
  }

  @Test
  void factsAreBlkids() throws IOException {
    Path path = make(true);
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", path).succeeds().out();
    try (Disk disk = FileDisk.readOnly(path)) {
      assertThat(FileSystems.probe(disk).orElseThrow().name()).isEqualTo("f2fs");
      UsedBlocks opened = new F2fsType().openUsedBlocks(disk);
      FileSystemFacts facts = opened.facts();
      assertThat(blkid)
          .contains("TYPE=\"" + facts.type() + "\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.size()).isEqualTo((long) MEBIBYTES << 20);
      assertThat(facts.free()).isBetween(10L << 20, 90L << 20);
      assertThat(facts.clean()).isTrue();
      assertThatThrownBy(() -> new F2fsType().openReadOnly(disk))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void onlyOurExceptions() throws IOException {
    byte[] image = Files.readAllBytes(make(true));
    Disk disk = Disk.owning(new MemoryDriver(image));
    Seeds.run(
        2000,
        random -> {
          Map<Integer, Byte> before = new HashMap<>();
          for (int i = random.nextInt(4); i >= 0; i--) {
            int at =
                switch (random.nextInt(3)) {
                  case 0 -> 1024 + random.nextInt(200);
                  case 1 -> (2 << 20) + random.nextInt(3 * BLOCK);
                  default -> random.nextInt(12 << 20);
                };
            before.putIfAbsent(at, image[at]);
            image[at] = (byte) random.nextInt(256);
          }
          try {
            UsedBlocks opened = new F2fsType().openUsedBlocks(disk);
            opened.facts();
            opened.usedRuns((offset, length) -> assertThat(length).isPositive());
          } catch (DiskException e) {
            assertThat(e).hasMessageMatching("(?s).+");
          }
          before.forEach((at, old) -> image[at] = old);
        });
  }
}
