package io.calco.disk.iso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Imports;
import io.calco.disk.MemoryFile;
import io.calco.disk.iso.IsoVolume.Beside;
import io.calco.disk.iso.IsoVolume.BootEntry;
import io.calco.disk.iso.IsoVolume.Emulation;
import io.calco.disk.iso.IsoVolume.Platform;
import io.calco.disk.raw.RawFormat;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Discs that xorriso made, and real ones.
class IsoVolumeTest {
  @TempDir Path dir;

  private static Optional<IsoVolume> find(Path image) throws IOException {
    try (Image open = Image.open(image, ImageOptions.reading().withFormat("raw"))) {
      return IsoVolume.find(open.disk());
    }
  }

  private Path disc(String... options) throws IOException {
    Path tree = Files.createDirectories(dir.resolve("tree"));
    Files.writeString(tree.resolve("A rather long name, with spaces.txt"), "content");
    Files.write(tree.resolve("bios.img"), Imports.content(2048, new Random(1)));
    Files.write(tree.resolve("efi.img"), Imports.content(100_000, new Random(2)));
    Path image = dir.resolve("disc.iso");
    List<Object> words =
        new ArrayList<>(List.of("-as", "mkisofs", "-quiet", "-V", "CALCO TEST", "-o", image));
    words.addAll(Arrays.asList(options));
    words.add(tree);
    Oracle.named("xorriso").run(words.toArray()).succeeds();
    return image;
  }

  @Test
  void seesAPlainDisc() throws IOException {
    Path image = disc("--norock");
    IsoVolume volume = find(image).orElseThrow();
    assertThat(volume.volumeId()).isEqualTo("CALCO TEST");
    assertThat(volume.size()).isPositive().isLessThanOrEqualTo(Files.size(image));
    assertThat(volume.boot()).isEmpty();
    assertThat(volume.joliet()).isFalse();
    assertThat(volume.udf()).isFalse();
    assertThat(volume.hybrid()).isFalse();
  }

  @Test
  void seesJolietAndRockRidge() throws IOException {
    IsoVolume volume = find(disc("-J", "-R")).orElseThrow();
    assertThat(volume.joliet()).isTrue();
    assertThat(volume.rockRidge()).isTrue();
  }

  /// As DVDs are: the same files by two file systems.
  @Test
  void seesUdfBeside() throws IOException {
    disc();
    Path bridge = dir.resolve("bridge.iso");
    Oracle.named("genisoimage")
        .run("-quiet", "-udf", "-V", "BRIDGE", "-o", bridge, dir.resolve("tree"))
        .succeeds();
    IsoVolume volume = find(bridge).orElseThrow();
    assertThat(volume.udf()).isTrue();
    assertThat(volume.volumeId()).isEqualTo("BRIDGE");
    Oracle.Run told = Oracle.named("isoinfo").run("-d", "-i", bridge).succeeds();
    assertThat(told.out())
        .contains("Volume id: BRIDGE\n")
        .contains("Volume size is: " + volume.size() / 2048 + "\n");
    Oracle.Run type = Oracle.named("file").run("-b", bridge).succeeds();
    assertThat(type.out()).contains("'" + volume.volumeId() + "'");
  }

  @Test
  void seesBootEntriesAndTablesBeside() throws IOException {
    Path image =
        disc(
            "-R",
            "-c",
            "boot.cat",
            "-b",
            "bios.img",
            "-no-emul-boot",
            "-boot-load-size",
            "4",
            "-eltorito-alt-boot",
            "-e",
            "efi.img",
            "-no-emul-boot",
            "-isohybrid-gpt-basdat",
            "-append_partition",
            "2",
            "0xef",
            dir.resolve("tree/efi.img").toString(),
            "-partition_offset",
            "16");
    IsoVolume volume = find(image).orElseThrow();
    assertThat(volume.boot())
        .extracting(BootEntry::platform, BootEntry::emulation, BootEntry::bootable)
        .containsExactly(
            tuple(Platform.BIOS, Emulation.NONE, true), tuple(Platform.EFI, Emulation.NONE, true));
    byte[] disc = Files.readAllBytes(image);
    int efi = Math.toIntExact(volume.boot().get(1).offset());
    byte[] content = Files.readAllBytes(dir.resolve("tree/efi.img"));
    assertThat(Arrays.equals(disc, efi, efi + content.length, content, 0, content.length)).isTrue();
    assertThat(volume.beside()).contains(Beside.MBR);
    assertThat(volume.hybrid()).isTrue();
  }

  @Test
  void seesRealDiscs() throws IOException {
    for (String sample :
        List.of("discutils/apple-test.iso", "dfvfs/iso9660.raw", "dfvfs/iso9660-level1.raw")) {
      Path image = Shared.sample(sample);
      IsoVolume volume = find(image).orElseThrow();
      Oracle.Run told = Oracle.named("xorriso").run("-indev", image, "-pvd_info");
      String line = "Volume Id    : " + volume.volumeId();
      assertThat(told.out().lines().map(String::stripTrailing)).as(sample).contains(line);
    }
    assertThat(find(Shared.sample("dfvfs/ext2.raw"))).isEmpty();
    assertThat(find(Shared.sample("dfvfs/mbr.raw"))).isEmpty();
  }

  @Test
  void damageIsNotSeen() throws IOException {
    byte[] disc = Files.readAllBytes(disc("-J", "-R", "-b", "bios.img", "-no-emul-boot"));
    Seeds.run(
        2000,
        random -> {
          byte[] damaged = Arrays.copyOf(disc, random.nextInt(disc.length + 1));
          for (int i = 0; i < 8 && damaged.length > 0; i++) {
            int at = random.nextInt(Math.min(damaged.length, 60_000));
            damaged[at] = (byte) random.nextInt();
          }
          try (Disk disk =
              Disk.owning(
                  new FormatDisk(
                      new RawFormat()
                          .openOwning(new MemoryFile(damaged), FormatOpenOptions.readOnly()),
                      Optional.empty()))) {
            IsoVolume.find(disk);
          }
        });
  }
}
