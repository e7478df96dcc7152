package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A file system in a file, made by mke2fs and judged by e2fsck.
///
/// @param path the file
record ExtImage(Path path) {

  /// Makes a file system of `mebibytes` with mke2fs's options.
  static ExtImage make(Path directory, long mebibytes, String... options) throws IOException {
    Path path = Files.createTempFile(directory, "ext", ".img");
    try (var file = new java.io.RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(mebibytes << 20);
    }
    List<Object> words = new ArrayList<>(List.of("-q", "-F"));
    words.addAll(Arrays.asList(options));
    words.add(path);
    Oracle.named("mke2fs").run(words.toArray()).succeeds();
    return new ExtImage(path);
  }

  /// Something to do with an opened file system.
  @FunctionalInterface
  interface Work {
    void on(FileSystem fs) throws IOException;
  }

  void write(Work work) throws IOException {
    try (Disk disk = FileDisk.writable(path);
        FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
      work.on(fs);
    }
  }

  void read(Work work) throws IOException {
    try (Disk disk = FileDisk.readOnly(path);
        FileSystem fs = new ExtFileSystemType().openReadOnly(disk)) {
      work.on(fs);
    }
  }

  /// Asserts that e2fsck finds nothing.
  void check() {
    Oracle.named("e2fsck").run("-fn", path).succeeds();
  }

  /// What debugfs says to a request.
  String debugfs(String request) {
    return Oracle.named("debugfs").run("-R", request, path).succeeds().out();
  }
}
