package io.calco.fs.btrfs;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A file system in files, made by mkfs.btrfs.
///
/// @param path of the first device
record BtrfsImage(Path path) {

  /// Makes a file system of one device with mkfs.btrfs's options.
  static BtrfsImage make(Path directory, long mebibytes, String... options) throws IOException {
    return make(directory, mebibytes, 1, options).getFirst();
  }

  /// Makes a file system of several devices.
  static List<BtrfsImage> make(Path directory, long mebibytes, int devices, String... options)
      throws IOException {
    List<BtrfsImage> images = new ArrayList<>();
    List<Object> words = new ArrayList<>(List.of("-q", "-f"));
    words.addAll(Arrays.asList(options));
    for (int i = 0; i < devices; i++) {
      Path path = Files.createTempFile(directory, "btrfs", ".img");
      try (var file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(mebibytes << 20);
      }
      images.add(new BtrfsImage(path));
      words.add(path);
    }
    Oracle.named("mkfs.btrfs").run(words.toArray()).succeeds();
    return images;
  }

  Mounted mount(String options) throws IOException {
    return Mounted.of(path, "btrfs", options);
  }

  /// Something to do with an opened file system.
  @FunctionalInterface
  interface Work {
    void on(BtrfsFileSystem fs) throws IOException;
  }

  void read(Work work) throws IOException {
    try (Disk disk = FileDisk.readOnly(path);
        FileSystem fs = new BtrfsFileSystemType().openReadOnly(disk)) {
      work.on((BtrfsFileSystem) fs);
    }
  }

  /// Asserts that btrfs finds nothing wrong.
  void check() {
    Oracle.named("btrfs").run("check", "--readonly", path).succeeds();
  }
}
