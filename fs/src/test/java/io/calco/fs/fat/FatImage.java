package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A file system in a file, made by mkfs.vfat, judged by fsck.vfat, read and written by mtools.
///
/// @param path the file
record FatImage(Path path) {

  /// Makes a file system of `kibibytes` with mkfs.vfat's options.
  static FatImage make(Path directory, long kibibytes, String... options) throws IOException {
    Path path = Files.createTempFile(directory, "fat", ".img");
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(kibibytes << 10);
    }
    List<Object> words = new ArrayList<>(Arrays.asList(options));
    words.add(path);
    Oracle.named("mkfs.vfat").run(words.toArray()).succeeds();
    return new FatImage(path);
  }

  /// Something to do with an opened file system.
  @FunctionalInterface
  interface Work {
    void on(FileSystem fs) throws IOException;
  }

  void write(Work work) throws IOException {
    try (Disk disk = FileDisk.writable(path);
        FileSystem fs = new FatFileSystemType().openWritable(disk)) {
      work.on(fs);
    }
  }

  void read(Work work) throws IOException {
    try (Disk disk = FileDisk.readOnly(path);
        FileSystem fs = new FatFileSystemType().openReadOnly(disk)) {
      work.on(fs);
    }
  }

  /// Asserts that fsck.vfat finds nothing.
  void check() {
    Oracle.named("fsck.vfat").run("-n", path).succeeds();
  }

  /// What one of mtools says.
  String mtool(String name, Object... arguments) {
    List<Object> words = new ArrayList<>(List.of("-i", path));
    words.addAll(Arrays.asList(arguments));
    // In UTC, with the code page that Linux takes, and without mtools' own doubts.
    Path settings = path.resolveSibling("mtoolsrc");
    try {
      Files.writeString(settings, "mtools_skip_check=1\ndefault_codepage=437\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Map<String, String> environment =
        Map.of("TZ", "UTC", "MTOOLSRC", settings.toString(), "LC_ALL", "C.UTF-8");
    return Oracle.named(name).run(environment, words.toArray()).succeeds().out();
  }
}
