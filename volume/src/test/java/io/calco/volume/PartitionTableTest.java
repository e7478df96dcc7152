package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionTableTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;
  private Path file;

  @BeforeEach
  void makeFile() throws IOException {
    file = TableTools.resize(dir.resolve("disk.raw"), 64 * MIB);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "label: gpt\nsize=4M, type=L\nsize=2M, type=U, name=\"a name\"\ntype=S",
        "label: gpt\nfirst-lba: 34\nstart=34, size=2014, type=21686148-6449-6E6F-744E-656564454649\n"
            + "type=linux, attrs=\"LegacyBIOSBootable,63\", name=\"größe \u2713\"",
        "label: gpt\ntable-length: 4\nsize=1M\nsize=1M\nsize=1M\nsize=1M",
        "label: gpt\n3: size=4M\n7: start=40960, type=V\n100: start=30000, size=100",
        "label: gpt\ntable-length: 256\nsize=1M",
        "label: gpt",
        "label: dos\nsize=4M, type=83, bootable\nsize=2M, type=82\nsize=8M, type=8e\ntype=ef",
        "label: dos\nlabel-id: 0xdeadbeef\nsize=4M\nsize=16M, type=5\nsize=3M\nsize=4M, type=82\n",
        "label: dos\nsize=4M\ntype=f\nsize=3M\nsize=4M\nsize=1M\nsize=1M\nsize=1M",
        "label: dos\n1: size=4M\n4: type=85\n5: size=3M\n6: type=83",
        "label: dos\n2: size=4M\n3: type=5",
        "label: dos"
      })
  void readsWhatSfdiskLaidOut(String script) throws IOException {
    TableTools.sfdisk(file, script);
    PartitionTable table = TableTools.read(file);
    assertThat(TableTools.ours(table)).isEqualTo(TableTools.partx(file, 512));
    assertThat(table.problems()).isEmpty();
    Oracle.Run blkid = Oracle.named("blkid").run("-p", "-o", "export", file).succeeds();
    blkid.says("PTTYPE=" + table.name());
    blkid.says("PTUUID=" + table.uuid().orElseThrow());
  }

  @Test
  void readsNamesFlagsAndKinds() throws IOException {
    TableTools.sfdisk(
        file,
        "label: gpt\nsize=1M, type=21686148-6449-6E6F-744E-656564454649\nsize=2M, type=uefi,"
            + " name=\"größe \u2713\", attrs=\"LegacyBIOSBootable\"\ntype=linux");
    PartitionTable table = TableTools.read(file);
    assertThat(table.partitions())
        .extracting(p -> p.type().kind())
        .containsExactly(
            PartitionKind.BIOS_BOOT, PartitionKind.EFI_SYSTEM, PartitionKind.LINUX_FILESYSTEM);
    Partition second = table.find(2).orElseThrow();
    assertThat(second.name()).isEqualTo("größe \u2713");
    assertThat(second.active()).isTrue();
    assertThat(second.attributes()).isEqualTo(4);
    assertThat(table.last().orElseThrow().number()).isEqualTo(3);
    assertThat(table.bootCode()).isFalse();
  }

  @Test
  void knowsTheKindsBySfdisksNames() {
    Map<String, String> theirs =
        Oracle.named("sfdisk")
            .run("-T", "-X", "gpt")
            .succeeds()
            .out()
            .lines()
            .filter(line -> line.matches("[0-9A-F]{8}-.*"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, 36).toLowerCase(Locale.ROOT),
                    line -> line.substring(36).strip()));
    for (PartitionKind kind : PartitionKind.values()) {
      for (UUID guid : kind.guids()) {
        String known = theirs.get(guid.toString());
        assertThat(known).as(guid + " " + kind).isNotNull();
        if (kind != PartitionKind.OPENBSD) { // there one of several
          assertThat(kind.description()).isEqualTo(known);
        }
      }
    }
  }

  @Test
  void readsSectorsOf4096Bytes() throws IOException {
    Oracle.named("fdisk");
    Oracle.named("bash")
        .run("-c", "printf 'g\\nn\\n\\n\\n+8M\\nn\\n\\n\\n\\nw\\n' | fdisk -b 4096 \"$0\"", file)
        .succeeds();
    PartitionTable table = TableTools.read(file);
    assertThat(table.sectorSize()).isEqualTo(4096);
    assertThat(table.partitions()).hasSize(2);
    assertThat(TableTools.ours(table)).isEqualTo(TableTools.partx(file, 4096));

    TableTools.resize(file, 100 * MIB + 512);
    PartitionTable grown = TableTools.grow(file);
    assertThat(grown.problems()).isEmpty();
    assertThat(grown.last().orElseThrow().end()).isEqualTo(99 * MIB);
    assertThat(TableTools.ours(grown)).isEqualTo(TableTools.partx(file, 4096));
    Oracle.Run fdisk = Oracle.named("fdisk").run("-b", "4096", "-l", file).succeeds();
    assertThat(fdisk.err()).isEmpty();
    damage(4096 + 20);
    assertThat(TableTools.ours(TableTools.read(file))).isEqualTo(TableTools.ours(grown));
  }

  @ParameterizedTest
  @ValueSource(longs = {512, 512 + 80, 1024 + 40})
  void usesTheBackupWhenThePrimaryIsDamaged(long where) throws IOException {
    TableTools.sfdisk(file, "label: gpt\nsize=4M\ntype=S");
    PartitionTable before = TableTools.read(file);
    damage(where);
    Gpt table = (Gpt) TableTools.read(file);
    assertThat(table.copy()).isEqualTo(Gpt.Copy.BACKUP);
    assertThat(table.partitions()).isEqualTo(before.partitions());
    assertThat(table.problems())
        .extracting(TableProblem::effect)
        .containsExactly(TableProblem.Effect.NONE);

    TableTools.resize(file, 80 * MIB); // the backup is no longer at the end
    assertThat(TableTools.read(file).partitions()).isEqualTo(before.partitions());
    PartitionTable grown = TableTools.grow(file);
    assertThat(grown.problems()).isEmpty();
    assertThat(grown.find(1)).isEqualTo(before.find(1));
    TableTools.verifyGpt(file);
  }

  @Test
  void saysWhatIsWrongWhenBothCopiesAreDamaged() throws IOException {
    TableTools.sfdisk(file, "label: gpt\nsize=4M");
    damage(512 + 16);
    damage(64 * MIB - 512 + 16);
    assertThatThrownBy(() -> TableTools.read(file))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("header at 0x200: found CRC")
        .hasMessageContaining("header at 0x3fffe00: found CRC");
  }

  @Test
  void notesADamagedBackupAndMendsItByGrowing() throws IOException {
    TableTools.sfdisk(file, "label: gpt\nsize=4M\nsize=4M");
    damage(64 * MIB - 512 + 16);
    assertThat(TableTools.read(file).problems())
        .extracting(TableProblem::effect)
        .containsExactly(TableProblem.Effect.NONE);
    assertThat(TableTools.grow(file).problems()).isEmpty();
    TableTools.verifyGpt(file);
  }

  @Test
  void recognisesAHybridMbr() throws IOException {
    TableTools.sfdisk(file, "label: gpt\nsize=4M\nsize=4M, type=U\ntype=linux");
    assertThat(((Gpt) TableTools.read(file)).hybrid()).isFalse();
    Oracle.named("sgdisk").run("-h", "1:2", file).succeeds();
    Gpt table = (Gpt) TableTools.read(file);
    assertThat(table.hybrid()).isTrue();
    byte[] mbr = head(512);
    TableTools.resize(file, 128 * MIB);
    assertThat(TableTools.grow(file).last().orElseThrow().end()).isEqualTo(127 * MIB);
    assertThat(head(512)).isEqualTo(mbr);
    TableTools.verifyGpt(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkfs.vfat -F 12",
        "mkfs.vfat -F 16",
        "mkfs.vfat -F 32",
        "mkfs.ext4 -q",
        "mkfs.exfat"
      })
  void takesABareFileSystemForNoTable(String command) throws IOException {
    String tool = command.split(" ")[0];
    Oracle.named(tool);
    Oracle.named("bash").run("-c", command + " \"$0\"", file).succeeds();
    assertNoTable(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NTFS    ", "EXFAT   ", "-FVE-FS-"})
  void takesABootSectorOfWindowsForNoTable(String oemName) throws IOException {
    TableTools.sfdisk(file, "label: dos\nsize=4M"); // even with an entry that could be one
    try (Image image = TableTools.open(file, ImageOptions.Access.WRITE)) {
      assertThat(PartitionTable.find(image.disk())).isPresent();
      image.disk().writeBytes(3, oemName.getBytes(StandardCharsets.US_ASCII));
    }
    assertNoTable(file);
  }

  @Test
  void takesRealVolumesForNoTable() throws IOException {
    for (String name : new String[] {"vsstest.qcow2", "windows_volume.qcow2", "lvmtest.qcow2"}) {
      Path raw = dir.resolve(name + ".raw");
      Oracle.named("qemu-img")
          .run("convert", "-O", "raw", Shared.sample("dfvfs/" + name), raw)
          .succeeds();
      boolean theirs =
          Oracle.named("blkid").run("-p", "-o", "export", raw).out().contains("PTTYPE=");
      try (Image image = TableTools.open(raw, ImageOptions.Access.READ)) {
        assertThat(PartitionTable.find(image.disk()).isPresent()).as(name).isEqualTo(theirs);
      }
    }
    assertNoTable(Shared.sample("dfvfs/bdetogo.raw"));
    assertNoTable(Shared.sample("dfvfs/ext2.raw"));
    assertNoTable(Shared.sample("dfvfs/iso9660.raw"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"mbr.raw", "mbr-a.raw", "tsk_volume_system.raw", "apfs.raw", "hfsplus.raw"})
  void readsRealDisks(String name) throws IOException {
    Path sample = Shared.sample("dfvfs/" + name);
    String theirs = Oracle.named("blkid").run("-p", "-o", "export", sample).out();
    try (Image image = TableTools.open(sample, ImageOptions.Access.READ)) {
      var table = PartitionTable.find(image.disk());
      assertThat(table.isPresent()).isEqualTo(theirs.contains("PTTYPE="));
      if (table.isPresent()) {
        assertThat(TableTools.ours(table.get())).isEqualTo(TableTools.partx(sample, 512));
      }
    }
  }

  @Test
  void readsAndGrowsARealGuest() throws IOException {
    Path guest = Shared.guest();
    assertThat(TableTools.ours(TableTools.read(guest))).isEqualTo(TableTools.partx(guest, 512));
    assertThat(TableTools.read(guest).bootCode()).isTrue();
    TableTools.resize(file, Files.size(guest));
    for (long at : new long[] {0, Files.size(guest) - MIB}) {
      try (Image from = TableTools.open(guest, ImageOptions.Access.READ);
          Image to = TableTools.open(file, ImageOptions.Access.WRITE)) {
        to.disk().writeBytes(at, from.disk().readBytes(at, (int) MIB));
      }
    }
    TableTools.resize(file, Files.size(guest) + 1000 * MIB);
    PartitionTable grown = TableTools.grow(file);
    assertThat(grown.last().orElseThrow().end()).isEqualTo(Files.size(file) - MIB);
    TableTools.verifyGpt(file);
  }

  @Test
  void refusesToSliceBeyondTheDisk() throws IOException {
    TableTools.sfdisk(file, "label: dos\nsize=4M\ntype=83");
    TableTools.resize(file, 32 * MIB);
    try (Image image = TableTools.open(file, ImageOptions.Access.READ)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      assertThat(table.find(1).orElseThrow().slice(image.disk()).size()).isEqualTo(4 * MIB);
      Partition cut = table.find(2).orElseThrow();
      assertThatThrownBy(() -> cut.slice(image.disk()))
          .isInstanceOf(CorruptImageException.class)
          .hasMessage(
              "partition 2: ends at byte 0x4000000, expected at most the disk's end 0x2000000");
    }
    assertThatThrownBy(() -> TableTools.grow(file)).isInstanceOf(CorruptImageException.class);
  }

  private static void assertNoTable(Path file) throws IOException {
    try (Image image = TableTools.open(file, ImageOptions.Access.READ)) {
      assertThat(PartitionTable.find(image.disk())).isEmpty();
    }
  }

  private byte[] head(int length) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(length);
    }
  }

  /// Turns the bits of one byte round.
  private void damage(long at) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(at);
      int old = raw.read();
      raw.seek(at);
      raw.write(old ^ 0xff);
    }
  }
}
