package io.calco.backup.clonezilla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.wrap.Compression;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories that somebody meant harm with, or damaged: each is refused in one clear line.
class HostileImageTest {
  private static final int MB = 1 << 20;

  @TempDir Path dir;
  private Path image;

  /// An MBR with two partitions of noise, uncompressed and cut.
  @BeforeEach
  void save() throws Exception {
    image = dir.resolve("image");
    Path disk = dir.resolve("disk.img");
    Image.create(disk, "raw", CreateOptions.ofSize(12 * MB));
    byte[] noise = new byte[3 * MB];
    new java.util.Random(3).nextBytes(noise);
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.seek(446);
      file.write(entry(0x83, 2048, 6144));
      file.write(entry(0x83, 8192, 12288));
      file.seek(510);
      file.write(new byte[] {0x55, (byte) 0xaa});
      file.seek(MB);
      file.write(noise);
      file.seek(4 * MB);
      file.write(noise);
    }
    write(disk, image, Optional.empty());
  }

  private static void write(Path disk, Path target, Optional<Compression> packing)
      throws IOException {
    try (Image opened = Image.open(disk, ImageOptions.reading().withFormat("raw"))) {
      ClonezillaWriter.write(
          opened.disk(),
          target,
          ClonezillaOptions.defaults().with(packing).withSplit(1),
          Instant.EPOCH,
          JobContext.SILENT);
    }
  }

  private static byte[] entry(int type, int start, int count) {
    byte[] entry = new byte[16];
    entry[4] = (byte) type;
    for (int i = 0; i < 4; i++) {
      entry[8 + i] = (byte) (start >>> 8 * i);
      entry[12 + i] = (byte) (count >>> 8 * i);
    }
    return entry;
  }

  private void put(String file, String text) throws IOException {
    Files.writeString(image.resolve(file), text);
  }

  private void replace(String file, String from, String to) throws IOException {
    String old = Files.readString(image.resolve(file));
    assertThat(old).contains(from);
    put(file, old.replace(from, to));
  }

  /// Opens it and reads all of its disk.
  private void readAll() throws IOException {
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      Disk disk = opened.disk(opened.disks().getFirst().name());
      byte[] buffer = new byte[MB];
      for (long at = 0; at < disk.size(); ) {
        int length = (int) Math.min(MB, disk.size() - at);
        disk.read(at, MemorySegment.ofArray(buffer).asSlice(0, length));
        at += length;
      }
    }
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused() {
    AbstractThrowableAssert<?, ? extends Throwable> thrown = assertThatThrownBy(this::readAll);
    thrown.satisfies(e -> {
      assertThat(e).isInstanceOfAny(DiskException.class, FileSystemException.class);
      assertThat(e.getMessage()).doesNotContain("\n");
    });
    return thrown;
  }

  @Test
  void isSoundAtFirst() throws Exception {
    readAll();
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      ClonezillaReport report = opened.verify(JobContext.SILENT);
      assertThat(report.sound()).isTrue();
      assertThat(report.sumFiles()).containsExactly("MD5SUMS");
    }
  }

  @Test
  void namesLeadNowhereElse() throws Exception {
    for (String name : List.of("../../etc/passwd", "/etc/passwd", "..", "sd\u0007a", "a/../../b")) {
      put("disk", name + "\n");
      refused().hasMessageContaining("expected a device's name");
    }
    put("disk", "sda\n");
    put("parts", "sda1 ../x\n");
    refused().hasMessageContaining("parts: found \"../x\"");
    put("parts", "sda1 sda2\n");
    put("lvm_vg_dev.list", "../../etc /dev/sda1 x\n");
    refused().hasMessageContaining("lvm_../../etc.conf");
  }

  @Test
  void linksAreNotFollowed() throws Exception {
    Path secret = Files.write(dir.resolve("secret"), new byte[512]);
    Files.delete(image.resolve("sda-mbr"));
    Files.createSymbolicLink(image.resolve("sda-mbr"), secret);
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      assertThat(opened.disks().getFirst().table()).isEmpty(); // as if it were not there
    }
    Files.delete(image.resolve("sda-pt.sf"));
    Files.createSymbolicLink(image.resolve("sda-pt.sf"), secret);
    refused().hasMessageContaining("sda-pt.sf: is a link, which is not followed");
  }

  @Test
  void textsAreBounded() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(image.resolve("disk").toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    refused()
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("disk: has 1099511627776 bytes, expected at most 1048576");
  }

  @Test
  void listsAreBounded() throws Exception {
    put("parts", "sda1 ".repeat(5000));
    refused().hasMessageContaining("parts: found 5000 devices, expected at most 4096");
    put("parts", "sda1 sda2\n");
    StringBuilder disks = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      disks.append("nvme").append(i).append("n1 ");
    }
    put("disk", disks.toString());
    refused().hasMessageContaining("found 301 disks, expected 1 to 256");
  }

  @Test
  void tablesStayInTheDisk() throws Exception {
    replace("sda-pt.parted", "Disk /dev/sda: 24576s", "Disk /dev/sda: 20000s");
    refused().hasMessageContaining("partition 2: ends at byte 0xa00000, beyond the disk's end");
  }

  @Test
  void tablesDoNotContradictEachOther() throws Exception {
    replace("sda-pt.sf", "size=        6144", "size=        6145");
    refused().hasMessageContaining("partition 1 at 0x100000 of 3145728 bytes: found no such");
  }

  @Test
  void numbersThatNoDiskHasAreRefused() throws Exception {
    replace("sda-pt.sf", "size=        6144", "size=99999999999999999999");
    refused().hasMessageContaining("expected numbers of sectors that a disk can have");
    replace("sda-pt.sf", "size=99999999999999999999", "size=   999999999999999999");
    refused().hasMessageContaining("expected numbers of sectors that a disk can have");
  }

  @Test
  void partitionsDoNotOverlap() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(image.resolve("sda-mbr").toFile(), "rw")) {
      file.seek(446 + 16);
      file.write(entry(0x83, 4096, 12288));
    }
    replace("sda-pt.sf", "start=        8192", "start=        4096");
    refused()
        .hasMessageContaining("partition sda2 at 0x200000 to 0x800000: lies on partition sda1");
  }

  @Test
  void gapsInARowOfPartsAreFound() throws Exception {
    Files.delete(image.resolve("sda1.dd-ptcl-img.uncomp.ab"));
    refused()
        .hasMessageContaining("sda1.dd-ptcl-img.uncomp.ab: is missing")
        .hasMessageContaining("sda1.dd-ptcl-img.uncomp.ac is there");
  }

  @Test
  void missingEndsAreFound() throws Exception {
    Files.delete(image.resolve("sda1.dd-ptcl-img.uncomp.ad"));
    refused().hasMessageContaining("has 3000000 bytes, expected the 3145728 of sda1");
  }

  @Test
  void cutStreamsAreFound() throws Exception {
    image = dir.resolve("packed");
    write(dir.resolve("disk.img"), image, Optional.of(Compression.GZ));
    try (Stream<Path> files = Files.list(image)) {
      Path last =
          files
              .filter(f -> f.getFileName().toString().startsWith("sda1.dd"))
              .max(java.util.Comparator.naturalOrder())
              .orElseThrow();
      try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
        file.setLength(file.length() / 2);
      }
    }
    refused().hasMessageContaining("sda1.dd-ptcl-img.gz.aa");
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      assertThat(opened.verify(JobContext.SILENT).findings())
          .extracting(ClonezillaReport.Finding::file)
          .contains("sda1.dd-ptcl-img.gz.aa", "sda1.dd-ptcl-img.gz.ad");
    }
  }

  @Test
  void streamsStayInTheirPartitions() throws Exception {
    image = dir.resolve("packed");
    write(dir.resolve("disk.img"), image, Optional.of(Compression.ZST));
    for (String file : List.of("aa", "ab", "ac", "ad")) {
      Path first = image.resolve("sda1.dd-ptcl-img.zst." + file);
      if (Files.exists(first)) {
        Files.delete(first);
      }
    }
    for (String file : List.of("aa", "ab", "ac", "ad")) {
      Path second = image.resolve("sda2.dd-ptcl-img.zst." + file);
      if (Files.exists(second)) {
        Files.copy(second, image.resolve("sda1.dd-ptcl-img.zst." + file));
      }
    }
    refused().hasMessageContaining("unpacks to more than the 3145728 bytes of its partition");
  }

  @Test
  void deviceSizesOfPartcloneAreChecked() throws Exception {
    image = dir.resolve("fs");
    SampleMachine.shell(dir, "truncate -s 8M big.fs; mkfs.ext4 -q big.fs");
    write(dir.resolve("big.fs"), image, Optional.empty());
    Path stream = image.resolve("sda.ext4-ptcl-img.uncomp.aa");
    assertThat(stream).exists();
    replace("sda-pt.parted", "Disk /dev/sda: 16384s", "Disk /dev/sda: 8192s");
    refused().hasMessageContaining("device size: found 8388608, expected at most the 4194304");
  }

  @Test
  void changedBitsAreNamed() throws Exception {
    try (RandomAccessFile file =
        new RandomAccessFile(image.resolve("sda2.dd-ptcl-img.uncomp.ab").toFile(), "rw")) {
      file.seek(1000);
      int old = file.read();
      file.seek(1000);
      file.write(old ^ 1);
    }
    Files.delete(image.resolve("blkid.list"));
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      assertThat(opened.verify(JobContext.SILENT).findings())
          .extracting(f -> f.file() + ": " + f.text().replaceAll("[0-9a-f]{32}", "SUM"))
          .containsExactlyInAnyOrder(
              "blkid.list: is missing from the Clonezilla image",
              "sda2.dd-ptcl-img.uncomp.ab: found the sum SUM, MD5SUMS says SUM");
    }
  }

  @Test
  void otherSumsAreKnown() throws Exception {
    SampleMachine.shell(
        image,
        "sha1sum sda-mbr > SHA1SUMS; sha256sum sda-mbr > SHA256SUMS; b2sum sda-mbr > B2SUMS");
    try (ClonezillaImage opened = ClonezillaImage.open(image)) {
      ClonezillaReport report = opened.verify(JobContext.SILENT);
      assertThat(report.findings()).isEmpty();
      assertThat(report.sumFiles()).containsExactly("B2SUMS", "MD5SUMS", "SHA1SUMS", "SHA256SUMS");
    }
  }

  @Test
  void whatIsNotReadIsRefusedByName() throws Exception {
    Path first = image.resolve("sda1.dd-ptcl-img.uncomp.aa");
    for (String part : List.of("ab", "ac", "ad")) {
      Files.delete(image.resolve("sda1.dd-ptcl-img.uncomp." + part));
    }
    Path renamed = Files.move(first, image.resolve("sda1.ext4-ptcl-img.lzo"));
    refused().isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("by lzop");
    renamed = Files.move(renamed, image.resolve("sda1.ntfs-img.aa"));
    refused().hasMessageContaining("saved by ntfsclone");
    renamed = Files.move(renamed, image.resolve("sda1.aa"));
    refused().hasMessageContaining("saved by partimage");
    renamed = Files.move(renamed, image.resolve("sda1.ext4-ptcl-img.zst"));
    refused().hasMessageContaining("marks at 0x0: found none of zst");
    Files.delete(renamed);
    put("sda1-luksHeader.bin", "x");
    refused().hasMessageContaining("from inside its encryption (LUKS)");
    put("ecryptfs.info", "");
    refused().hasMessageContaining("is encrypted (eCryptfs)");
  }

  @Test
  void contentsAreThereOnce() throws Exception {
    put("sda1.ext4-ptcl-img.gz", "x");
    refused().hasMessageContaining("sda1 is there twice");
  }

  @Test
  void swapIsWhatItSays() throws Exception {
    for (String part : List.of("aa", "ab", "ac", "ad")) {
      Files.delete(image.resolve("sda1.dd-ptcl-img.uncomp." + part));
    }
    put("swappt-sda1.info", "UUID=\"$(reboot)\"\nLABEL=\"\"\n");
    refused().hasMessageContaining("UUID: found \"$(reboot)\"");
  }

  @Test
  void noDirectoryOfOthers() {
    image = dir;
    refused().hasMessageContaining("is no Clonezilla image");
  }

  /// Whatever the texts become, nothing but our exceptions comes, and soon.
  @Test
  void mutatedTextsAreSafe() {
    Seeds.run(
        200,
        random -> {
          List<String> files =
              List.of("disk", "parts", "sda-pt.sf", "sda-pt.parted", "sda-mbr", "MD5SUMS");
          String file = files.get(random.nextInt(files.size()));
          byte[] old = Files.readAllBytes(image.resolve(file));
          byte[] changed = old.clone();
          for (int i = 0; i <= random.nextInt(4); i++) {
            changed[random.nextInt(changed.length)] =
                (byte)
                    (random.nextBoolean()
                        ? random.nextInt(256)
                        : "0123456789-,./ ".charAt(random.nextInt(15)));
          }
          Files.write(image.resolve(file), changed);
          try (ClonezillaImage opened = ClonezillaImage.open(image)) {
            for (SavedDisk disk : opened.disks()) {
              Disk bytes = opened.disk(disk.name());
              bytes.readBytes(0, (int) Math.min(bytes.size(), 4096));
            }
          } catch (DiskException | FileSystemException expected) {
            assertThat(expected.getMessage()).isNotBlank();
          } finally {
            Files.write(image.resolve(file), old);
          }
        });
  }

  @Test
  void oldDumpsAreRead() throws Exception {
    String text =
        """
        # partition table of /dev/sda
        unit: sectors

        /dev/sda1 : start=     2048, size=     6144, Id=83, bootable
        /dev/sda2 : start=     8192, size=    12288, Id= 7
        /dev/sda3 : start=        0, size=        0, Id= 0
        /dev/sda4 : start=        0, size=        0, Id= 0
        """;
    SfdiskDump dump = SfdiskDump.parse("sda-pt.sf", text.lines().toList());
    assertThat(dump.label()).isEmpty();
    assertThat(dump.entries())
        .containsExactly(
            new SfdiskDump.Entry(DeviceName.of("/dev/sda1", ""), 2048, 6144, "83", true),
            new SfdiskDump.Entry(DeviceName.of("/dev/sda2", ""), 8192, 12288, "7", false));
    put("sda-pt.sf", text);
    readAll();
  }

  @Test
  void namesOfDevices() throws Exception {
    DeviceName nvme = DeviceName.of("/dev/nvme0n1", "");
    assertThat(nvme.partition(3)).isEqualTo(DeviceName.of("nvme0n1p3", ""));
    assertThat(DeviceName.of("nvme0n1p12", "").numberOn(nvme)).hasValue(12);
    DeviceName sda = DeviceName.of("sda", "");
    assertThat(DeviceName.of("sda5", "").numberOn(sda)).hasValue(5);
    assertThat(DeviceName.of("sdaa", "").numberOn(sda)).isEmpty();
    assertThat(DeviceName.of("cciss/c0d0p1", "").file()).isEqualTo("cciss-c0d0p1");
    assertThat(DeviceName.find("/dev/mapper/vg-lv")).hasValue(new DeviceName("vg-lv"));
  }
}
