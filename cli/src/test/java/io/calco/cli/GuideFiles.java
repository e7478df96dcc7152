package io.calco.cli;

import io.calco.disk.BackingReference;
import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import io.calco.engine.DemoDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The files that the guides' reader has.
final class GuideFiles {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOmvClua/z/ly9JqMuZCgXK8r9EW4nyxxDG5Cm01oIZD ana@laptop\n";
  private static final String DESCRIPTOR =
      """
      # Disk DescriptorFile
      version=1
      CID=5eed5eed
      parentCID=ffffffff
      createType="monolithicFlat"
      RW 2048 FLAT "/etc/shadow" 0
      ddb.adapterType = "ide"
      """;

  private static final int CLUSTER = 65536;
  private static final int MBR = 512;
  private static final int PARTITION = 1 << 20;

  /// Where a qcow2's header says where its refcount table begins.
  private static final int REFCOUNT_TABLE = 0x30;

  private GuideFiles() {}

  /// Makes them in a directory.
  static void layOut(Path directory) throws IOException {
    Path vm = directory.resolve("vm.qcow2");
    DemoDisk.unpack(vm);
    Files.writeString(directory.resolve("id_ed25519.pub"), KEY);
    Files.writeString(directory.resolve("seed.txt"), "thirty-two characters that are secret\n");
    Files.writeString(directory.resolve("pass.txt"), "correct horse battery staple\n");
    Files.createDirectory(directory.resolve("lab"));
    zip(vm, directory.resolve("machines.zip"));
    strangers(directory, vm);
    damaged(directory, vm);
    clonezilla(directory, vm);
    windows(directory);
    encrypted(directory, vm);
  }

  /// A machine whose root is in a LUKS volume, in the one partition of its disk.
  private static void encrypted(Path directory, Path vm) throws IOException {
    Path root = directory.resolve("root.img");
    Path volume = directory.resolve("root.luks");
    Path pass = directory.resolve("pass.txt");
    Command.calco("disk", "dd", "if=" + vm, "of=" + root, "bs=1M", "skip=18").exits(0);
    Command.calco(
            "disk",
            "convert",
            "-O",
            "luks",
            "-o",
            "iter-time=100",
            "--target-passphrase-file",
            pass,
            root,
            volume)
        .exits(0);
    byte[] table = new byte[MBR];
    ByteBuffer entry = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).position(446);
    entry.putInt(0).putInt(0x83).putInt(PARTITION / MBR);
    entry.putInt(Math.toIntExact(Files.size(volume) / MBR)).position(510).putShort((short) 0xaa55);
    try (var disk = new RandomAccessFile(directory.resolve("laptop.img").toFile(), "rw")) {
      disk.write(table);
      disk.seek(PARTITION);
      disk.write(Files.readAllBytes(volume));
    }
    Files.delete(root);
    Files.delete(volume);
  }

  private static void zip(Path vm, Path target) throws IOException {
    try (var zip = new ZipOutputStream(Files.newOutputStream(target))) {
      for (String name : new String[] {"README.txt", "web.qcow2", "db.qcow2"}) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(
            name.endsWith(".txt") ? KEY.getBytes(StandardCharsets.UTF_8) : Files.readAllBytes(vm));
      }
    }
  }

  /// The directory that Clonezilla leaves, as far as it is about the root partition: an image of it
  /// in two parts.
  private static void clonezilla(Path directory, Path vm) throws IOException {
    Path root = directory.resolve("sda3");
    Path packed = directory.resolve("sda3.gz");
    Command.calco("disk", "dd", "if=" + vm, "of=" + root, "bs=1M", "skip=18").exits(0);
    Command.calco("disk", "convert", "-O", "partclone.gz", root, packed).exits(0);
    byte[] all = Files.readAllBytes(packed);
    Path parts = Files.createDirectory(directory.resolve("2026-11-20-img"));
    Files.write(parts.resolve("sda3.ext4-ptcl-img.gz.aa"), Arrays.copyOf(all, all.length / 2));
    Files.write(
        parts.resolve("sda3.ext4-ptcl-img.gz.ab"),
        Arrays.copyOfRange(all, all.length / 2, all.length));
    Files.delete(root);
    Files.delete(packed);
  }

  /// A volume without content, as Windows backs one up.
  private static void windows(Path directory) throws IOException {
    Path backup =
        Files.createDirectories(
            directory.resolve("WindowsImageBackup/PC-7/Backup 2019-02-22 124351"));
    Path volume = backup.resolve("9b9cfbc4-369e-11e9-a17c-806e6f6e6963.vhd");
    Command.calco("disk", "create", "-f", "vpc", "-o", "force_size=on", volume, "16M").exits(0);
    Files.write(
        backup.resolve("BackupSpecs.xml"),
        ("<BackupSpecs><FileSpecs><Volume"
                + " Name=\"\\\\?\\Volume{9b9cfbc4-369e-11e9-a17c-806e6f6e6963}\\\""
                + " AccessPath=\"D:\" /></FileSpecs></BackupSpecs>")
            .getBytes(StandardCharsets.UTF_16LE));
  }

  /// Images that reach for what is not theirs.
  private static void strangers(Path directory, Path vm) throws IOException {
    var shadow = new BackingReference("/etc/shadow", Optional.of("raw"));
    Image.create(
        directory.resolve("download.qcow2"),
        "qcow2",
        new CreateOptions(1L << 30, Optional.of(shadow), Map.of()));
    Files.writeString(directory.resolve("download.vmdk"), DESCRIPTOR);
    Files.copy(vm, directory.resolve("upload.img"));
  }

  /// Sound images with one thing wrong: a cluster that nothing uses, one in use that counts as
  /// free, compressed data that was overwritten.
  private static void damaged(Path directory, Path vm) throws IOException {
    Path leak = directory.resolve("leak.qcow2");
    Command.calco("disk", "convert", "-O", "qcow2", vm, leak).exits(0);
    Path broken = Files.copy(leak, directory.resolve("broken.qcow2"));
    Path cut = Files.copy(leak, directory.resolve("cut.qcow2"));
    int end = Math.toIntExact(Files.size(leak) / CLUSTER);
    try (var file = new RandomAccessFile(leak.toFile(), "rw")) {
      file.setLength(file.length() + CLUSTER);
      setRefcount(file, end, 1);
    }
    try (var file = new RandomAccessFile(broken.toFile(), "rw")) {
      setRefcount(file, end - 3, 0);
    }
    try (var file = new RandomAccessFile(cut.toFile(), "rw")) {
      file.setLength(file.length() - 3L * CLUSTER);
    }
    Path torn = Files.copy(vm, directory.resolve("torn.qcow2"));
    try (var file = new RandomAccessFile(torn.toFile(), "rw")) {
      file.seek(file.length() - 200);
      file.write(new byte[200]);
    }
  }

  private static void setRefcount(RandomAccessFile file, int cluster, int count)
      throws IOException {
    file.seek(REFCOUNT_TABLE);
    file.seek(file.readLong());
    file.seek(file.readLong() + 2L * cluster);
    file.writeShort(count);
  }
}
