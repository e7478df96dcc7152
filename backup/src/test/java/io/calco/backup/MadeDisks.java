package io.calco.backup;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Disks and file systems made by other programs, on ground full of garbage, so that what is not in
/// use is not zero.
final class MadeDisks {
  static final int MIB = 1 << 20;

  private MadeDisks() {}

  /// A file of random bytes, none of them zero, no two blocks the same.
  static Path garbage(Path file, long bytes, Random random) throws IOException {
    byte[] piece = new byte[MIB];
    random.nextBytes(piece);
    for (int i = 0; i < piece.length; i++) {
      piece[i] |= 1;
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = bytes; left > 0; left -= piece.length) {
        for (int at = 0; at < piece.length; at += 4096) {
          ByteBuffer.wrap(piece, at, 8).putLong(random.nextLong() | 0x0101010101010101L);
        }
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    }
    return file;
  }

  /// A directory with files of many sizes.
  static Path tree(Path directory, Random random) throws IOException {
    for (int i = 0; i < 8; i++) {
      Path below = Files.createDirectories(directory.resolve("d" + i % 4).resolve("e" + i));
      for (int j = 0; j < 12; j++) {
        byte[] bytes = new byte[random.nextInt(j == 0 ? 2 * MIB : 40_000)];
        random.nextBytes(bytes);
        if (j % 3 == 0) {
          java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 'x');
        }
        Files.write(below.resolve("f" + j), bytes);
      }
    }
    Files.createSymbolicLink(directory.resolve("link"), Path.of("d1/e1/f1"));
    return directory;
  }

  /// Makes a file system with a tree in it, in a file that is there.
  static void format(String type, Path image, Path tree) throws IOException {
    switch (type) {
      case "ext4" ->
          Oracle.named("mkfs.ext4")
              .run("-q", "-F", "-E", "nodiscard", "-L", "data", "-d", tree, image)
              .succeeds();
      case "ext2-1k" ->
          Oracle.named("mkfs.ext2")
              .run("-q", "-F", "-b", "1024", "-E", "nodiscard", "-d", tree, image)
              .succeeds();
      case "xfs" -> Oracle.named("mkfs.xfs").run("-q", "-f", "-K", "-L", "data", image).succeeds();
      case "btrfs" ->
          Oracle.named("mkfs.btrfs")
              .run("-q", "-f", "-K", "-L", "data", "--rootdir", tree, image)
              .succeeds();
      case "vfat" -> {
        Oracle.named("mkfs.vfat").run("-F", "32", "-n", "DATA", image).succeeds();
        Oracle.named("mcopy").run("-i", image, "-s", tree.resolve("d1"), "::/").succeeds();
      }
      case "ntfs" -> {
        Oracle.named("mkfs.ntfs").run("-q", "-F", "-f", "-L", "data", image).succeeds();
        Oracle.named("ntfscp").run("-q", "-f", image, tree.resolve("d1/e1/f1"), "/f1").succeeds();
      }
      default -> throw new IllegalArgumentException(type);
    }
  }

  /// Asks the file system's own checker, which changes nothing.
  static void check(String type, Path image) {
    switch (type) {
      case "ext4", "ext2-1k" -> Oracle.named("e2fsck").run("-fn", image).succeeds();
      case "xfs" -> Oracle.named("xfs_repair").run("-n", "-f", image).succeeds();
      case "btrfs" -> Oracle.named("btrfs").run("check", "--readonly", image).succeeds();
      case "vfat" -> Oracle.named("fsck.vfat").run("-n", image).succeeds();
      case "ntfs" -> Oracle.named("ntfsfix").run("-n", image).succeeds();
      default -> throw new IllegalArgumentException(type);
    }
  }

  /// A partition of a made disk.
  ///
  /// @param start first sector of 512 bytes
  /// @param sectors its length
  record Part(int number, long start, long sectors) {
    void put(Path from, Path disk) throws IOException {
      try (FileChannel in = FileChannel.open(from);
          FileChannel out = FileChannel.open(disk, StandardOpenOption.WRITE)) {
        in.transferTo(0, Math.min(in.size(), sectors * 512), out.position(start * 512));
      }
    }

    Path get(Path disk, Path to) throws IOException {
      try (FileChannel in = FileChannel.open(disk);
          FileChannel out =
              FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        for (long at = 0; at < sectors * 512; ) {
          at += in.transferTo(start * 512 + at, sectors * 512 - at, out);
        }
      }
      return to;
    }
  }

  /// Gives a disk of garbage a GPT, with garbage between all that belongs to it.
  static void gpt(Path disk, List<Part> parts) {
    List<Object> words = new ArrayList<>(List.of("--clear", "--set-alignment=1"));
    for (Part part : parts) {
      long end = part.start() + part.sectors() - 1;
      words.add("--new=%d:%d:%d".formatted(part.number(), part.start(), end));
    }
    words.add(disk);
    Oracle.named("sgdisk").run(words.toArray()).succeeds(); // once: it waits a second at its end
  }

  static void overwrite(Path file, long offset, byte[] bytes) throws IOException {
    try (var to = new RandomAccessFile(file.toFile(), "rw")) {
      to.seek(offset);
      to.write(bytes);
    }
  }
}
