package io.calco.cli;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystems;
import io.calco.guest.Content;
import io.calco.guest.registry.Hive;
import io.calco.guest.registry.RegistryData.Binary;
import io.calco.guest.registry.RegistryData.Dword;
import io.calco.guest.registry.RegistryData.Text;
import io.calco.guest.registry.RegistryKey;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/// A disk with an NTFS partition, made by mkntfs, that holds a Windows' registry, made here.
final class WindowsDisk {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09Z");
  private static final FileAttributes ROOT = FileAttributes.root(0755, NOW);
  private static final long START = 1 << 20;
  private static final long SIZE = 24 << 20;

  private WindowsDisk() {}

  /// Makes one in this state, such as `IMAGE_STATE_COMPLETE`.
  static Path make(Path disk, String imageState) throws IOException {
    Path part = disk.resolveSibling(disk.getFileName() + ".part");
    try (var file = new RandomAccessFile(part.toFile(), "rw")) {
      file.setLength(SIZE);
    }
    Oracle.named("mkntfs").run("-Q", "-F", "-q", "-p", START / 512, part).succeeds();
    ImageOptions writing = ImageOptions.reading().withFormat("raw").with(Access.WRITE);
    try (Image image = Image.open(part, writing);
        FileSystem fs = FileSystems.probe(image.disk()).orElseThrow().openWritable(image.disk())) {
      String config = "/WINDOWS/system32/Config";
      fs.createDirectory("/WINDOWS", ROOT);
      fs.createDirectory("/WINDOWS/Panther", ROOT);
      fs.createDirectory("/WINDOWS/Panther/UnattendGC", ROOT);
      fs.createDirectory("/WINDOWS/Panther/Unattend", ROOT);
      fs.write("/WINDOWS/Panther/Unattend/Unattend.xml", new byte[10], ROOT);
      fs.createDirectory("/WINDOWS/system32", ROOT);
      fs.createDirectory(config, ROOT);
      fs.write(config + "/SOFTWARE", software(imageState), ROOT);
      fs.write(config + "/SYSTEM", system(), ROOT);
      fs.write(config + "/SAM", sam(), ROOT);
      fs.sync();
    }
    try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(START + SIZE);
    }
    Path table = Files.writeString(disk.resolveSibling("table"), "start=2048, type=7, bootable\n");
    Oracle.named("bash").run("-c", "sfdisk -q " + disk + " < " + table).succeeds();
    try (FileChannel from = FileChannel.open(part);
        FileChannel to = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      to.transferFrom(from, START, SIZE);
    }
    return disk;
  }

  /// Copies the partition out of a disk, for tools that take no disk.
  static Path partition(Path disk, Path target) throws IOException {
    Path raw = target.resolveSibling(target.getFileName() + ".raw");
    Oracle.named("qemu-img").run("convert", "-O", "raw", disk, raw).succeeds();
    try (FileChannel from = FileChannel.open(raw);
        FileChannel to =
            FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      from.transferTo(START, SIZE, to);
    }
    return target;
  }

  private static byte[] software(String imageState) throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    RegistryKey version = hive.root().create("Microsoft\\Windows NT\\CurrentVersion");
    version.setValue("ProductName", new Text("Windows 10 Pro"));
    version.setValue("CurrentBuild", new Text("26100"));
    hive.root()
        .create("Microsoft\\Windows\\CurrentVersion\\Setup\\State")
        .setValue("ImageState", new Text(imageState));
    return hive.bytes();
  }

  private static byte[] system() throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    hive.root().create("Select").setValue("Current", new Dword(1));
    RegistryKey control = hive.root().create("ControlSet001\\Control");
    control.create("ComputerName\\ComputerName").setValue("ComputerName", new Text("AULA-07"));
    control
        .create("Session Manager\\Environment")
        .setValue("PROCESSOR_ARCHITECTURE", new Text("AMD64"));
    return hive.bytes();
  }

  private static byte[] sam() throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    byte[] domain = new byte[40];
    ByteBuffer.wrap(domain)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(28, 111)
        .putInt(32, 222)
        .putInt(36, 333);
    hive.root().create("SAM\\Domains\\Account").setValue("V", new Binary(Content.of(domain)));
    return hive.bytes();
  }
}
