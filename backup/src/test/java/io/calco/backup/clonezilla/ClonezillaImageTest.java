package io.calco.backup.clonezilla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.backup.clonezilla.SavedPartition.Content;
import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.Extent;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories made by Clonezilla's own commands.
class ClonezillaImageTest {
  @TempDir static Path machines;
  private static SampleMachine gpt;
  private static SampleMachine mbr;

  @TempDir Path dir;

  @BeforeAll
  static void save() throws IOException {
    gpt = SampleMachine.gpt(Files.createDirectory(machines.resolve("gpt"))).labelled("gpt");
    gpt.save(gpt.dir().resolve("image"), "uncomp", 0);
    mbr = SampleMachine.mbr(Files.createDirectory(machines.resolve("mbr"))).labelled("dos");
    mbr.save(mbr.dir().resolve("image"), "gz", 1);
  }

  private static Path saved(SampleMachine machine) {
    return machine.dir().resolve("image");
  }

  private static void assertSame(Disk found, Path expected) throws IOException {
    try (Image image = Image.open(expected, ImageOptions.reading().withFormat("raw"))) {
      assertThat(found.size()).isEqualTo(image.disk().size());
      byte[] a = new byte[1 << 20];
      byte[] b = new byte[1 << 20];
      for (long at = 0; at < found.size(); at += a.length) {
        found.read(at, MemorySegment.ofArray(a));
        image.disk().read(at, MemorySegment.ofArray(b));
        int differs = MemorySegment.ofArray(a).mismatch(MemorySegment.ofArray(b)) == -1 ? 0 : 1;
        assertThat(differs).as("%s at 0x%x", expected, at).isZero();
      }
    }
  }

  @Test
  void isWhatClonezillaRestores() throws Exception {
    Path restored = gpt.restore(saved(gpt));
    for (String ending : List.of("zst", "gz", "xz", "bz2", "lz4", "uncomp")) {
      gpt.repack(saved(gpt), dir.resolve(ending), ending, ending.equals("gz") ? 0 : 2);
      try (ClonezillaImage image = ClonezillaImage.open(dir.resolve(ending))) {
        assertSame(image.disk("sda"), restored);
        ClonezillaReport report = image.verify(JobContext.SILENT);
        assertThat(report.findings()).as(ending).isEmpty();
        assertThat(report.contents()).isEqualTo(4);
      }
    }
  }

  @Test
  void tellsWhatIsThere() throws Exception {
    try (ClonezillaImage image = ClonezillaImage.open(saved(gpt))) {
      assertThat(image.created()).contains("2026-1121-2156");
      SavedDisk disk = image.disks().getFirst();
      assertThat(disk.name()).isEqualTo("sda");
      assertThat(disk.size()).isEqualTo(120L << 20);
      assertThat(disk.table()).contains("gpt");
      assertThat(disk.whole()).isTrue();
      assertThat(disk.partitions())
          .extracting(SavedPartition::content)
          .containsExactly(
              Content.USED_BLOCKS,
              Content.USED_BLOCKS,
              Content.SWAP,
              Content.ALL_BYTES,
              Content.USED_BLOCKS);
      assertThat(disk.partitions().get(1).fileSystem()).contains("ext4");
      Disk opened = image.disk("/dev/sda2");
      assertThat(opened.size()).isEqualTo(40L << 20);
      assertSame(image.disk("sda4"), gpt.dir().resolve("p4"));
      assertThat(opened.capabilities().writable()).isFalse();
      Extent hole = image.disk("sda").extentAt((119L << 20), 4096);
      assertThat(hole.readsZero()).isTrue();
      assertThatThrownBy(() -> image.disk("sdb"))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("no disk or partition \"sdb\"")
          .hasMessageContaining("its disks: sda");
    }
  }

  @Test
  void isAnImageForEverybody() throws Exception {
    Path directory = saved(gpt);
    try (Image whole = Image.open(directory, ImageOptions.reading());
        Image named = Image.open(Path.of(directory + "#sda"), ImageOptions.reading());
        Image part = Image.open(Path.of(directory + "#sda2"), ImageOptions.reading())) {
      assertThat(whole.wrappers()).containsExactly("clonezilla");
      assertThat(whole.disk().size()).isEqualTo(120L << 20);
      assertThat(DiskCompare.firstDifference(whole.disk(), named.disk(), JobContext.SILENT))
          .isEmpty();
      assertThat(part.disk().size()).isEqualTo(40L << 20);
    }
    assertThatThrownBy(
            () -> Image.open(directory, ImageOptions.reading().with(ImageOptions.Access.WRITE)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("a clonezilla directory is only read");
    assertThatThrownBy(() -> Image.open(dir, ImageOptions.reading()))
        .hasMessageContaining("is a directory, not an image");
  }

  @Test
  void logicalPartitionsAreAsTheyWere() throws Exception {
    try (ClonezillaImage image = ClonezillaImage.open(saved(mbr))) {
      assertSame(image.disk("sda"), mbr.disk());
      assertThat(image.disks().getFirst().partitions())
          .extracting(SavedPartition::number)
          .containsExactly(1, 2, 5, 6, 7, 8);
      assertThat(image.disks().getFirst().partitions().get(1).content())
          .isEqualTo(Content.EXTENDED);
    }
  }

  @Test
  void isReadAnywhere() throws Exception {
    Random random = new Random(42);
    try (ClonezillaImage image = ClonezillaImage.open(saved(mbr));
        Image original = Image.open(mbr.disk(), ImageOptions.reading().withFormat("raw"))) {
      Disk disk = image.disk("sda");
      for (int i = 0; i < 200; i++) {
        int length = 1 + random.nextInt(70_000);
        long at = random.nextLong(disk.size() - length);
        assertThat(disk.readBytes(at, length)).isEqualTo(original.disk().readBytes(at, length));
      }
    }
  }
}
