package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco restore` to several targets, to partitions by name, as other machines, and after a cut.
class RestoreTargetsTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path disk = Path.of("");
  private Path raw = Path.of("");

  @BeforeEach
  void backUp() throws IOException {
    repo = directory.resolve("repo");
    disk = directory.resolve("vm.qcow2");
    raw = directory.resolve("vm.img");
    DemoDisk.unpack(disk);
    calco("repo", "init", repo).exits(0);
  }

  private void create(Object... more) {
    on("backup", "create", disk, more).exits(0);
    calco("restore", "--repo", repo, "latest", raw).exits(0);
  }

  private Command.Answer on(Object one, Object two, Object three, Object... more) {
    Object[] all = new Object[more.length + 5];
    System.arraycopy(new Object[] {one, two, three, "--repo", repo}, 0, all, 0, 5);
    System.arraycopy(more, 0, all, 5, more.length);
    return calco(all);
  }

  private Path at(String name) {
    return directory.resolve(name);
  }

  @Test
  void severalAtOnceAndOneThatFails() throws IOException {
    create();
    Path there = Files.write(at("there.img"), new byte[1]);
    try (var file = new RandomAccessFile(there.toFile(), "rw")) {
      file.setLength(200L << 20);
      file.seek(70 << 20);
      file.writeBytes("garbage");
    }
    Path small = Files.write(at("small.img"), new byte[1 << 20]);
    Command.Answer answer =
        on(
            "restore",
            "latest",
            at("a.img"),
            there,
            small,
            at("b.img"),
            at("no/such/place.img"),
            "--yes",
            "--verify");
    assertThat(answer.exits(4).out())
        .contains("a.img: restored, and compared", "b.img: restored, and compared")
        .contains("there.img: restored, and compared")
        .contains("small.img: FAILED: has 1048576 bytes, too small")
        .contains("no/such/place.img: FAILED: ");
    assertThat(Files.mismatch(raw, at("a.img"))).isNegative();
    assertThat(Files.mismatch(raw, at("b.img"))).isNegative();
    Oracle.named("sgdisk").run("-v", there).succeeds().says("No problems found");
    assertThat(Files.mismatch(raw, there)).isLessThan(1 << 20);
    Oracle.named("e2fsck").run("-fn", there + "?offset=18874368").succeeds();
    assertThat(on("restore", "latest", at("x"), at("x")).exits(2).err())
        .contains("a target is named twice");
  }

  @Test
  void eachBecomesAMachineOfItsOwn() throws IOException {
    create();
    String told =
        on(
                "restore",
                "latest",
                at("a.qcow2"),
                at("b.qcow2"),
                "-f",
                "qcow2",
                "--personalise",
                "aula-{07..08}",
                "--new-ids")
            .exits(0)
            .out();
    assertThat(told).contains("is now aula-07", "is now aula-08", "host key SHA256:");
    String keys = "";
    for (String name : new String[] {"a", "b"}) {
      Path image = at(name + ".qcow2");
      Oracle.named("qemu-img").run("check", image).succeeds();
      calco("disk", "convert", "-O", "raw", image, at(name)).exits(0);
      Oracle.named("e2fsck").run("-fn", at(name) + "?offset=18874368").succeeds();
      Oracle.named("sgdisk").run("-v", at(name)).succeeds().says("No problems found");
      assertThat(calco("guest", "cat", image + ":/etc/hostname").exits(0).out())
          .isEqualTo("aula-0" + (name.equals("a") ? 7 : 8) + "\n");
      String key =
          calco("guest", "cat", image + ":/etc/ssh/ssh_host_ed25519_key.pub").exits(0).out();
      assertThat(keys).doesNotContain(key);
      keys += key;
    }
    assertThat(identity(at("a"))).isNotEqualTo(identity(raw)).isNotEqualTo(identity(at("b")));
    assertThat(on("restore", "latest", at("c"), at("d"), "--personalise", "one").exits(2).err())
        .contains("2 targets would all be called one");
    assertThat(on("restore", "latest", at("c"), "--user", "ana").exits(2).err())
        .contains("goes with its name: --personalise NAME");
    assertThat(on("restore", "latest", at("c"), "--personalise", "c", "-n").exits(0).out())
        .contains("becomes c, with keys of its own");
    assertThat(
            on("restore", "latest", at("a"), "--partition", "3", "--new-ids", "-n").exits(2).err())
        .contains("a single partition goes among others");
  }

  @Test
  void aGuestThatCannotBeWrittenIsRefusedBeforeItsTargetIsWritten() throws IOException {
    Path etc = Files.createDirectories(at("tree/etc"));
    Files.writeString(etc.resolve("os-release"), "ID=debian\nVERSION_ID=12\n");
    Files.writeString(etc.resolve("hostname"), "original\n");
    Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    for (String name : new String[] {"bin", "sbin", "usr/bin", "var", "root"}) {
      Files.createDirectories(at("tree").resolve(name));
    }
    Path btrfs = at("btrfs.img");
    try (var file = new RandomAccessFile(btrfs.toFile(), "rw")) {
      file.setLength(128L << 20);
    }
    Oracle.named("mkfs.btrfs").run("-q", "--rootdir", at("tree"), btrfs).succeeds();
    on("backup", "create", btrfs).exits(0);
    byte[] before = "what was there".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Path target = at("target.img");
    try (var file = new RandomAccessFile(target.toFile(), "rw")) {
      file.write(before);
      file.setLength(128L << 20);
    }
    on("restore", "latest", at("plain.img")).exits(0);
    Path untouched = Files.copy(target, at("untouched.img"));
    assertThat(on("restore", "latest", target, "--yes", "--personalise", "other").exits(7).err())
        .contains(
            "target.img: --personalise: btrfs file system: Calco reads it, but does not write it");
    assertThat(Files.mismatch(target, untouched)).isNegative();
  }

  private static String identity(Path image) {
    return Oracle.named("sfdisk")
        .run("-d", image)
        .succeeds()
        .out()
        .replaceAll("(?m)^device.*$", "");
  }

  @Test
  void newIdentitiesAreWrittenWhereTheOldOnesStand() throws IOException {
    Path plain = at("plain.img");
    calco("disk", "convert", "-O", "raw", disk, plain).exits(0);
    String uuid = partUuid(plain);
    Path fstab =
        Files.writeString(at("fstab"), "PARTUUID=%s / ext4 defaults 0 1\n".formatted(uuid));
    calco("guest", "copy-in", fstab, disk + ":/etc/fstab").exits(0);
    create();
    assertThat(on("restore", "latest", at("new.img"), "--new-ids").exits(0).out())
        .contains("names the new identities: /etc/fstab");
    String now = partUuid(at("new.img"));
    assertThat(now).isNotEqualTo(uuid);
    assertThat(calco("guest", "cat", at("new.img") + ":/etc/fstab").exits(0).out())
        .isEqualTo("PARTUUID=%s / ext4 defaults 0 1\n".formatted(now));
  }

  private static String partUuid(Path image) {
    return Oracle.named("sfdisk")
        .run("--part-uuid", image, "3")
        .succeeds()
        .out()
        .strip()
        .toLowerCase(java.util.Locale.ROOT);
  }

  @Test
  void aPartitionGoesWhereItsNameIs() throws IOException {
    create();
    Path other = at("other.img");
    try (var file = new RandomAccessFile(other.toFile(), "rw")) {
      file.setLength(300L << 20);
    }
    Oracle.named("sgdisk")
        .run("-n", "1:0:+20M", "-n", "2:0:+120M", "-c", "2:data", other)
        .succeeds();
    Path fs = at("fs");
    try (var file = new RandomAccessFile(fs.toFile(), "rw")) {
      file.setLength(120L << 20);
    }
    Oracle.named("mkfs.ext4").run("-q", "-L", "old", "-b", "4096", fs).succeeds();
    Oracle.named("dd")
        .run("if=" + fs, "of=" + other, "bs=1M", "seek=21", "conv=notrunc", "status=none")
        .succeeds();
    assertThat(
            on("restore", "latest", other, "--partition", "3", "--into", "LABEL=none", "-n")
                .exits(3)
                .err())
        .contains("has no partition with LABEL=none");
    assertThat(
            on("restore", "latest", other, "--partition", "3", "--into", "LABEL=old", "-n")
                .exits(0)
                .out())
        .contains("partition 3 over partition 2");
    assertThat(
            on("restore", "latest", other, "--partition", "3", "--into", "PARTLABEL=data", "--yes")
                .exits(0)
                .out())
        .contains("restored");
    Oracle.named("e2fsck").run("-fn", other + "?offset=" + (21L << 20)).succeeds();
    assertThat(on("restore", "latest", other, "--into", "UUID=1").exits(2).err())
        .contains("--into goes with one --partition");
    assertThat(on("restore", "latest", other, "--partition", "3", "--into", "sda2").exits(2).err())
        .contains("expected PARTUUID=, PARTLABEL=, UUID=, LABEL= or TYPE=");
  }

  @Test
  void theLoaderIsPutWhereEveryFirmwareLooks() throws IOException {
    Path loader = at("grubx64.efi");
    byte[] program = new byte[8192];
    program[0x3c] = 0x40;
    program[0x44] = 0x64;
    program[0x45] = (byte) 0x86;
    Files.write(loader, program);
    calco("disk", "convert", "-O", "raw", disk, at("esp.img")).exits(0);
    Path esp = at("esp");
    try (var file = new RandomAccessFile(esp.toFile(), "rw")) {
      file.setLength(16L << 20);
    }
    Oracle.named("mkfs.vfat").run(esp).succeeds();
    Oracle.named("mmd").run("-i", esp, "::/EFI", "::/EFI/debian").succeeds();
    Oracle.named("mcopy").run("-i", esp, loader, "::/EFI/debian/grubx64.efi").succeeds();
    Oracle.named("dd")
        .run("if=" + esp, "of=" + at("esp.img"), "bs=1M", "seek=2", "conv=notrunc", "status=none")
        .succeeds();
    disk = at("esp.img");
    create();
    assertThat(on("restore", "latest", at("x.img"), "-n").exits(0).out())
        .contains("boots by UEFI only")
        .contains("partition 2 has no \\EFI\\BOOT\\BOOTX64.EFI", "--efi-fallback puts it there");
    assertThat(on("restore", "latest", at("x.img"), "--efi-fallback").exits(0).out())
        .contains("copied /EFI/debian/grubx64.efi to /EFI/BOOT/BOOTX64.EFI");
    String inside = at("x.img") + "@@2M";
    Oracle.named("mcopy").run("-i", inside, "::/EFI/BOOT/BOOTX64.EFI", at("copied")).succeeds();
    assertThat(Files.mismatch(loader, at("copied"))).isNegative();
    assertThat(
            on("restore", "latest", at("y.img"), at("z.img"), "--efi-fallback", "-n")
                .exits(0)
                .out())
        .contains("the EFI loader is copied");
  }

  @Test
  void theSameCommandFinishesWhatWasCut() throws IOException {
    disk = at("much.img");
    byte[] content = new byte[200 << 20];
    Seeds.run(
        2,
        random -> {
          random.nextBytes(content);
          Files.write(disk, content);
          Files.deleteIfExists(raw);
          create();
          Path over = at("over.img");
          random.nextBytes(content);
          Files.write(over, content);
          Process restore = Command.start("restore", "--repo", repo, "--yes", "latest", over);
          while (!isBegun(over) && restore.isAlive()) {
            Thread.sleep(5);
          }
          Oracle.named("kill").run("-9", restore.pid());
          restore.waitFor();
          assertThat(isMarked(over)).isTrue();
          String json = on("restore", "latest", over, "--yes", "--output", "json").exits(0).out();
          JsonNode told = new ObjectMapper().readTree(json);
          assertThat(told.get("continued").asBoolean()).isTrue();
          assertThat(told.get("written").asLong()).isPositive().isLessThan(content.length);
          assertThat(Files.mismatch(disk, over)).isNegative();
          assertThat(on("restore", "latest", over, "--yes").exits(0).out())
              .contains("over.img: restored")
              .doesNotContain("after a cut");
        });
  }

  /// True when the mark is there, and some of what comes after it.
  private boolean isBegun(Path image) throws IOException {
    try (var now = new RandomAccessFile(image.toFile(), "r");
        var wanted = new RandomAccessFile(disk.toFile(), "r")) {
      now.seek(20 << 20);
      wanted.seek(20 << 20);
      return now.readLong() == wanted.readLong() && isMarked(image);
    }
  }

  private static boolean isMarked(Path image) throws IOException {
    try (var file = new RandomAccessFile(image.toFile(), "r")) {
      byte[] mark = new byte[5];
      file.seek(4096);
      file.readFully(mark);
      return new String(mark, java.nio.charset.StandardCharsets.US_ASCII).equals("Calco");
    }
  }
}
