package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.Passphrase;
import io.calco.testkit.Oracle;
import io.calco.volume.PartitionTable;
import io.calco.volume.luks.Luks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The demo's Debian with its root in a LUKS volume that cryptsetup formatted, in the second
/// partition of a GPT disk: what Debian's installer makes of "encrypted", but for a /boot.
final class LuksGuest {
  static final String SECRET = "geheim";
  static final String QUICK_LUKS2 =
      "luks2 --pbkdf argon2id --pbkdf-memory 4096 --pbkdf-parallel 1 --pbkdf-force-iterations 4"
          + " --luks2-metadata-size 16k --luks2-keyslots-size 1m";
  static final String QUICK_LUKS1 = "luks1 --pbkdf-force-iterations 1000";

  private static final int MIB = 1 << 20;
  private static final int HEADER = 4 * MIB;
  private static final int START = 4 * MIB;

  /// Where LVM2 puts a physical volume's first extent.
  static final int FIRST_EXTENT = MIB;

  private LuksGuest() {}

  static Passphrase secret(String text) {
    return Passphrase.of(text.getBytes(StandardCharsets.UTF_8));
  }

  static ImageOptions raw() {
    return ImageOptions.reading().withFormat("raw");
  }

  static GuestOptions opened(String secret) {
    return new GuestOptions(ImageOptions.reading(), volume -> List.of(secret(secret)));
  }

  /// Makes the disk.
  ///
  /// @param demo the disk in the clear, whose last partition is its root
  /// @param type words for luksFormat
  static Path make(Path directory, Path demo, String type) throws IOException {
    try (Image image = Image.open(demo, ImageOptions.reading())) {
      return make(directory, part(image), type);
    }
  }

  /// As [#make], the root in a logical volume in the LUKS volume: what the installers make of
  /// "encrypted LVM".
  static Path makeWithLvm(Path directory, Path demo, String type) throws IOException {
    Path physical = directory.resolve("physical.img");
    try (Image image = Image.open(demo, ImageOptions.reading())) {
      Disk root = part(image);
      blank(physical, Math.ceilDiv(root.size(), HEADER) * HEADER + 2 * HEADER);
      String loop =
          Oracle.named("losetup").run("--find", "--show", physical).succeeds().out().strip();
      try {
        lvm("pvcreate", "-ff", "-y", loop);
        lvm("vgcreate", "vg0", loop);
        lvm("lvcreate", "-an", "-Wn", "-Zn", "-n", "root", "-l", "100%FREE", "vg0");
      } finally {
        Oracle.named("losetup").run("--detach", loop).succeeds();
      }
      try (Image to = Image.open(physical, raw().with(Access.WRITE))) {
        copy(root, to.disk().slice(FIRST_EXTENT, root.size()));
        return make(directory, to.disk(), type);
      }
    } finally {
      Files.deleteIfExists(physical);
    }
  }

  private static void lvm(Object... words) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--driverloaded", "n", "--config"));
    all.add("devices{use_devicesfile=0} activation{udev_sync=0 udev_rules=0}");
    Oracle.named("lvm").run(all.toArray()).succeeds();
  }

  private static Path make(Path directory, Disk content, String type) throws IOException {
    Path key = Files.writeString(directory.resolve("key"), SECRET);
    Path volume = blank(directory.resolve("volume.img"), HEADER + content.size());
    List<Object> words = new ArrayList<>(List.of("luksFormat", "-q", "--key-file", key, "--type"));
    words.addAll(List.of(type.split(" ")));
    words.addAll(List.of("--offset", HEADER / 512, volume));
    Oracle.named("cryptsetup").run(words.toArray()).succeeds();
    try (Image clear = Image.open(volume, raw().with(Access.WRITE));
        Disk inside = Luks.open(clear.disk(), secret(SECRET))) {
      copy(content, inside);
    }
    long size = HEADER + content.size();
    Path disk = blank(directory.resolve("encrypted.raw"), START + size + MIB);
    Oracle.named("sgdisk")
        .run("-n1:2048:+1M", "-t1:ef00", "-n2:8192:+" + size / 1024 + "K", disk)
        .succeeds();
    try (Image from = Image.open(volume, raw());
        Image to = Image.open(disk, raw().with(Access.WRITE))) {
      copy(from.disk(), to.disk().slice(START, size));
    }
    Files.delete(volume);
    return disk;
  }

  /// Copies what is not zero.
  private static void copy(Disk from, Disk to) throws IOException {
    copy(from, to, from);
  }

  /// Copies where `shown`, which is as large, is not zero.
  private static void copy(Disk from, Disk to, Disk shown) throws IOException {
    byte[] zeroes = new byte[MIB];
    for (long at = 0; at < from.size(); at += MIB) {
      int length = (int) Math.min(MIB, from.size() - at);
      if (!Arrays.equals(shown.readBytes(at, length), 0, length, zeroes, 0, length)) {
        to.writeBytes(at, from.readBytes(at, length));
      }
    }
  }

  /// The LUKS partition of a disk as a file of its own, for cryptsetup.
  static Path partition(Path disk, Path target) throws IOException {
    try (Image image = Image.open(disk, ImageOptions.reading());
        Image to = Image.open(blank(target, part(image).size()), raw().with(Access.WRITE))) {
      copy(part(image), to.disk());
    }
    return target;
  }

  /// What is in it, in the clear, where it was ever written.
  static Path clear(Path disk, Path target, String secret) throws IOException {
    try (Image image = Image.open(disk, ImageOptions.reading());
        Disk clear = Luks.open(part(image), secret(secret));
        Image to = Image.open(blank(target, clear.size()), raw().with(Access.WRITE))) {
      long payload = Luks.inspect(part(image)).payloadOffset();
      copy(clear, to.disk(), part(image).slice(payload, clear.size()));
    }
    return target;
  }

  private static Disk part(Image image) throws IOException {
    return PartitionTable.find(image.disk()).orElseThrow().last().orElseThrow().slice(image.disk());
  }

  private static Path blank(Path file, long size) throws IOException {
    Files.deleteIfExists(file);
    try (var made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(size);
    }
    return file;
  }
}
