package io.calco.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A file system in a file, made by mkfs.xfs and judged by xfs_repair.
///
/// @param path the file
record XfsImage(Path path) {

  /// Makes a file system of `mebibytes` with mkfs.xfs's options. Small ones are for tests only, and
  /// must be asked for so.
  static XfsImage make(Path directory, long mebibytes, String... options) throws IOException {
    Path path = Files.createTempFile(directory, "xfs", ".img");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(mebibytes << 20);
    }
    List<Object> words = new ArrayList<>(List.of("-q", "-f"));
    if (mebibytes < 300) {
      words.add("--unsupported");
    }
    words.addAll(Arrays.asList(options));
    words.add(path);
    Oracle.named("mkfs.xfs").run(words.toArray()).succeeds();
    return new XfsImage(path);
  }

  /// Something to do with an opened file system.
  @FunctionalInterface
  interface Work {
    void on(FileSystem fs) throws IOException;
  }

  void write(Work work) throws IOException {
    try (Disk disk = FileDisk.writable(path);
        FileSystem fs = new XfsFileSystemType().openWritable(disk)) {
      work.on(fs);
    }
  }

  void read(Work work) throws IOException {
    try (Disk disk = FileDisk.readOnly(path);
        FileSystem fs = new XfsFileSystemType().openReadOnly(disk)) {
      work.on(fs);
    }
  }

  Mounted mount(String options) throws IOException {
    return Mounted.of(path, "xfs", "nouuid," + options);
  }

  /// Asserts that xfs_repair finds nothing.
  void check() {
    Oracle.Run run = Oracle.named("xfs_repair").run("-n", "-o", "force_geometry", path);
    assertThat(run.succeeds().toString()).doesNotContainPattern("would |sb_[a-z]+ [0-9]+, counted");
  }

  Map<String, String> tree() throws IOException {
    List<Map<String, String>> tree = new ArrayList<>();
    read(fs -> tree.add(FileTree.of(fs)));
    return tree.getFirst();
  }

  /// Asserts that the kernel sees what we see.
  void compareWithKernel() throws IOException {
    Map<String, String> ours = tree();
    try (Mounted mounted = mount("ro,norecovery")) {
      FileTree.assertSame(ours, FileTree.of(mounted.path()));
    }
  }
}
