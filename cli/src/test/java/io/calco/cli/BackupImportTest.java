package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco backup import`, of what other programs made.
class BackupImportTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");

  @BeforeEach
  void makeIt() {
    repo = directory.resolve("repo");
    calco("repo", "init", repo).exits(0);
  }

  private static void need(String... tools) {
    for (String tool : tools) {
      Oracle.named(tool);
    }
  }

  private void shell(String script) {
    Oracle.named("bash")
        .run("-c", "set -eo pipefail; cd '" + directory + "'\n" + script)
        .succeeds();
  }

  private Command.Answer on(Object... words) {
    Object[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--repo";
    all[words.length + 1] = repo;
    return calco(all);
  }

  private JsonNode json(Object... words) {
    Object[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--output";
    all[words.length + 1] = "json";
    return new ObjectMapper().readTree(on(all).exits(0).out());
  }

  private JsonNode importAll(Path source) {
    return json("backup", "import", source).get("disks");
  }

  private void comesBack(JsonNode imported, Path expected) throws IOException {
    Path back = directory.resolve(imported.get("id").asString() + ".img");
    on("restore", imported.get("id").asString(), back).exits(0);
    assertThat(Files.mismatch(expected, back)).as("%s", imported).isNegative();
    Files.delete(back);
  }

  /// Two disks with MBRs, FAT, ext4 and unknown bytes, saved and cut by the programs that
  /// Clonezilla's scripts run.
  @Test
  void clonezillasOwn() throws IOException {
    need("sfdisk", "mkfs.vfat", "mkfs.ext4", "partclone.vfat", "partclone.ext4", "xz", "split");
    shell(
        """
        truncate -s 48M sda.img
        printf 'label: dos\\nlabel-id: 0xcafe1234\\nsize=16M, type=c, bootable\\nsize=30M, type=83\\n' | sfdisk -q sda.img
        truncate -s 16M p1; mkfs.vfat -n BOOT p1 >&2
        mkdir -p tree/etc; echo sample > tree/etc/hostname; echo ID=debian > tree/etc/os-release
        head -c 3000000 /dev/urandom > tree/noise
        truncate -s 30M p2; mkfs.ext4 -q -d tree p2
        dd if=p1 of=sda.img bs=1M seek=1 conv=notrunc status=none
        dd if=p2 of=sda.img bs=1M seek=17 conv=notrunc status=none
        truncate -s 8M sdb.img; head -c 5M /dev/urandom | dd of=sdb.img bs=1M seek=1 conv=notrunc status=none
        printf 'label: dos\\nlabel-id: 0xcafe1235\\nsize=6M, type=83\\n' | sfdisk -q sdb.img
        mkdir save; cd save
        echo 'sda sdb' > disk; echo 'sda1 sda2 sdb1' > parts
        for d in sda sdb; do
          sfdisk -d ../$d.img | sed "s,../$d.img,/dev/$d,g" > $d-pt.sf
          dd if=../$d.img of=$d-mbr bs=512 count=1 status=none
          printf 'Disk /dev/%s: %ds\\n' $d $(($(stat -c %s ../$d.img) / 512)) > $d-pt.parted
        done
        partclone.vfat -c -s ../p1 -L /dev/null -O - 2>/dev/null | xz -1 > sda1.vfat-ptcl-img.xz &
        partclone.ext4 -c -s ../p2 -L /dev/null -O - 2>/dev/null | gzip -1 | split -b 1M - sda2.ext4-ptcl-img.gz. &
        wait
        dd if=../sdb.img bs=1M skip=1 count=6 status=none | gzip > sdb1.dd-ptcl-img.gz.aa
        echo 'ocs-sr -q2 savedisk save sda sdb' > Info-saved-by-cmd.txt
        printf 'This image was saved by Clonezilla\\n### Image created time: 2019-0222-2140\\n' > clonezilla-img
        """);
    Path save = directory.resolve("save");
    assertThat(on("backup", "import", "--dry-run", save).exits(0).out())
        .contains("2019-02-22", "48 MiB", "new", "save#sda", "save#sdb");
    assertThat(json("backup", "list").size()).isZero();
    JsonNode taken = importAll(save);
    assertThat(taken.size()).isEqualTo(2);
    for (JsonNode disk : taken) {
      assertThat(disk.get("state").asString()).isEqualTo("imported");
      assertThat(disk.get("machine").asString())
          .as("of the disk with a system")
          .isEqualTo("sample");
      assertThat(disk.get("created").asString()).startsWith("2019-02-22T");
    }
    JsonNode point = json("backup", "show", taken.get(0).get("id").asString());
    assertThat(point.get("origin").get("kind").asString()).isEqualTo("import");
    assertThat(point.get("origin").get("format").asString()).isEqualTo("clonezilla");
    assertThat(point.get("remarks").get("label").asString()).isEqualTo("save sda");
    assertThat(point.get("remarks").get("note").asString()).startsWith("ocs-sr -q2");
    for (String disk : new String[] {"sda", "sdb"}) {
      calco("disk", "convert", "-O", "raw", save + "#" + disk, directory.resolve(disk + ".read"))
          .exits(0);
    }
    comesBack(taken.get(0), directory.resolve("sda.read"));
    comesBack(taken.get(1), directory.resolve("sdb.read"));
    assertThat(Files.mismatch(directory.resolve("sdb.img"), directory.resolve("sdb.read")))
        .isNegative();

    Path moved = Files.move(save, directory.resolve("renamed"));
    assertThat(on("backup", "import", moved).exits(0).out()).contains("here already");
    assertThat(on("backup", "import", moved + "#sdb").exits(0).out())
        .contains("renamed#sdb: here already")
        .doesNotContain("sda");
    assertThat(json("backup", "list").size()).isEqualTo(2);
  }

  @Test
  void clonezillasImagesInOneDirectory() throws IOException {
    Path disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    Path images = Files.createDirectory(directory.resolve("partimag"));
    for (String how : new String[] {"gz", "zst"}) {
      calco(
              "clonezilla",
              "create",
              "-q",
              "--compress",
              how,
              "--split",
              "1",
              disk,
              images.resolve(how))
          .exits(0);
    }
    Files.writeString(images.resolve("notes.txt"), "none of it");
    Files.createDirectory(images.resolve("empty"));
    Command.Answer answer = on("backup", "import", "--machine", "web1", images).exits(0);
    assertThat(answer.out().lines()).hasSize(2).allMatch(line -> line.contains("web1 of "));
    assertThat(answer.err())
        .contains(
            "empty: is no directory of a backup program that is known",
            "notes.txt: is no image by its marks");
    Path read = directory.resolve("read.img");
    calco("disk", "convert", "-O", "raw", images.resolve("gz") + "#sda", read).exits(0);
    comesBack(json("backup", "list").get(0), read);
    comesBack(json("backup", "list").get(1), read);
  }

  /// Volumes as Windows keeps them: each in the one partition of a VHD or VHDX.
  @Test
  void windowsImageBackups() throws IOException {
    need("sfdisk", "mkntfs", "mkfs.fat", "qemu-img");
    shell(
        """
        B="WindowsImageBackup/PC-7/Backup 2019-02-22 124351"; mkdir -p "$B"
        truncate -s 24M ntfs; mkntfs -q -F -L System ntfs 2>&1 >&2
        truncate -s 26M c.img; echo 'start=128, type=7' | sfdisk -q c.img
        dd if=ntfs of=c.img bs=64K seek=1 conv=notrunc status=none
        qemu-img convert -f raw -O vpc -o subformat=dynamic,force_size=on c.img "$B/9b9cfbc4-369e-11e9-a17c-806e6f6e6963.vhd"
        N="WindowsImageBackup/SRV/Backup 2022-05-01 010203"; mkdir -p "$N" WindowsImageBackup/SRV/Catalog
        truncate -s 12M fat; mkfs.fat -n ESP fat >&2
        truncate -s 14M e.img; echo 'start=128, type=c' | sfdisk -q e.img
        dd if=fat of=e.img bs=64K seek=1 conv=notrunc status=none
        qemu-img convert -f raw -O vhdx e.img "$N/Esp.vhdx"
        echo x > "$N/movie.mkv"
        """);
    Path folder = directory.resolve("WindowsImageBackup");
    Files.write(
        folder.resolve("PC-7/Backup 2019-02-22 124351/BackupSpecs.xml"),
        ("<BackupSpecs><FileSpecs><Volume Name=\"\\\\?\\Volume{9b9cfbc4-369e-11e9-a17c-806e6f6e6963}\\\""
                + " AccessPath=\"C:\" OriginalAccessPath=\"C:\" Label=\"\" OriginalLabel=\"\" >"
                + "</Volume></FileSpecs></BackupSpecs>")
            .getBytes(StandardCharsets.UTF_16LE));
    JsonNode report = json("backup", "import", "--tag", "old", directory);
    assertThat(report.get("not-understood").toString()).contains("movie.mkv", "BackupSpecs.xml");
    JsonNode taken = report.get("disks");
    assertThat(taken.get(0).get("machine").asString()).isEqualTo("PC-7");
    assertThat(taken.get(0).get("label").asString()).isEqualTo("C:");
    assertThat(taken.get(0).get("created").asString()).isEqualTo("2019-02-22T12:43:51Z");
    assertThat(taken.get(0).get("kind").asString()).isEqualTo("windows-image-backup");
    assertThat(taken.get(1).get("machine").asString()).isEqualTo("SRV");
    assertThat(taken.get(1).get("label").asString()).isEqualTo("Esp");
    String system = taken.get(0).get("id").asString();
    JsonNode partition = json("backup", "show", system).get("disk").get("partitions").get(0);
    assertThat(partition.get("content").asString()).isEqualTo("ntfs");
    assertThat(partition.get("label").asString()).isEqualTo("System");
    assertThat(on("backup", "list", "PC-7").exits(0).out()).contains("C:, #old");
    comesBack(taken.get(0), directory.resolve("c.img"));
    comesBack(taken.get(1), directory.resolve("e.img"));
    assertThat(on("backup", "import", folder).exits(0).out().lines())
        .hasSize(2)
        .allMatch(line -> line.endsWith("here already"));
  }

  @Test
  void imagesAndPartclonesFiles() throws IOException {
    need("mkfs.ext4", "partclone.ext4", "qemu-img", "gzip");
    shell(
        """
        truncate -s 16M fs; mkfs.ext4 -q -L data fs
        partclone.ext4 -c -s fs -L /dev/null -O data.pcl 2>/dev/null
        qemu-img convert -O qcow2 fs data.qcow2; qemu-img convert -O vmdk fs data.vmdk
        gzip -k fs; mkdir all; mv data.* all; cp fs all/plain.img; mv fs.gz all
        """);
    Path all = directory.resolve("all");
    Files.setLastModifiedTime(
        all.resolve("data.pcl"), FileTime.from(Instant.parse("2020-02-29T01:02:03Z")));
    JsonNode taken = importAll(all);
    assertThat(taken.size()).isEqualTo(4); // fs.gz is a raw image, which has no marks
    assertThat(taken.get(0).get("created").asString()).isEqualTo("2020-02-29T01:02:03Z");
    assertThat(taken.get(0).get("machine").asString()).isEqualTo("data");
    for (JsonNode disk : taken) {
      comesBack(disk, directory.resolve("fs"));
    }
    comesBack(importAll(all.resolve("fs.gz")).get(0), directory.resolve("fs"));
    assertThat(importAll(all.resolve("fs.gz")).get(0).get("state").asString()).isEqualTo("present");
    assertThat(json("repo", "status").get("points").asInt()).isEqualTo(5);
  }

  @Test
  void whatIsBrokenIsToldAndTheRestIsTaken() throws IOException {
    need("mkfs.ext4", "qemu-img");
    shell(
        """
        mkdir all; truncate -s 8M all/good.img; mkfs.ext4 -q all/good.img
        qemu-img convert -O qcow2 all/good.img all/bad.qcow2; qemu-img create -q -f qcow2 -b bad.qcow2 -F qcow2 all/over.qcow2
        """);
    Path bad = directory.resolve("all/bad.qcow2");
    try (var file = new RandomAccessFile(bad.toFile(), "rw")) {
      file.seek(40); // where its L1 table begins
      file.writeLong(12345);
    }
    Command.Answer answer = on("backup", "import", directory.resolve("all"));
    assertThat(answer.exit()).as("%s", answer).isEqualTo(1);
    assertThat(answer.err()).contains("calco: ", "bad.qcow2");
    assertThat(answer.out()).contains("good.img");
    assertThat(on("backup", "import", directory.resolve("none")).exits(3).err()).contains("none");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThat(on("backup", "import", empty).exits(7).err())
        .contains("holds nothing that could be imported", "WindowsImageBackup");
    assertThat(on("backup", "import", "--machine", "a/b", bad).exits(2).err())
        .contains("is no machine's name");
  }
}
