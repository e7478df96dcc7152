package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.opentest4j.TestAbortedException;

/// A volume in a file, made by mkntfs and judged by the tools of ntfs-3g.
///
/// @param path the file
record NtfsImage(Path path) {

  /// Makes a volume of `mebibytes` with mkntfs's options.
  static NtfsImage make(Path directory, long mebibytes, String... options) throws IOException {
    Path path = Files.createTempFile(directory, "ntfs", ".img");
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(mebibytes << 20);
    }
    List<Object> words = new ArrayList<>(List.of("-Q", "-F", "-q"));
    words.addAll(Arrays.asList(options));
    words.add(path);
    Oracle.named("mkntfs").run(words.toArray()).succeeds();
    return new NtfsImage(path);
  }

  /// Something to do with an opened volume.
  @FunctionalInterface
  interface Work {
    void on(FileSystem fs) throws IOException;
  }

  /// A shell's work in the mounted volume.
  @FunctionalInterface
  interface MountedWork {
    void in(Path root) throws IOException;
  }

  void write(Work work) throws IOException {
    try (Disk disk = FileDisk.writable(path);
        FileSystem fs = new NtfsFileSystemType().openWritable(disk)) {
      work.on(fs);
    }
  }

  void read(Work work) throws IOException {
    try (Disk disk = FileDisk.readOnly(path);
        FileSystem fs = new NtfsFileSystemType().openReadOnly(disk)) {
      work.on(fs);
    }
  }

  Map<String, String> tree() throws IOException {
    Map<String, String> tree = new TreeMap<>();
    read(fs -> tree.putAll(FileTree.of(fs)));
    return tree;
  }

  /// Mounts it with ntfs-3g, or skips the test where that cannot be done.
  void mounted(String options, MountedWork work) throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new TestAbortedException("skipped: mounting needs root");
    }
    Path root = Files.createTempDirectory("calco-ntfs");
    Oracle.named("ntfs-3g").run("-o", options, path, root).succeeds();
    try {
      work.in(root);
    } finally {
      Oracle.named("umount").run(root).succeeds();
      Files.delete(root);
    }
  }

  /// Runs a shell script in the root of the mounted volume.
  void shell(String script) throws IOException {
    mounted(
        "rw", root -> Oracle.named("bash").run("-ec", "cd '" + root + "'\n" + script).succeeds());
  }

  /// Asserts that ntfs-3g sees what we see. It does not tell the targets of links that lead
  /// nowhere.
  void compare() throws IOException {
    Map<String, String> ours = tree();
    mounted(
        "ro",
        root -> {
          Map<String, String> theirs = FileTree.of(root);
          theirs.replaceAll((path, line) ->
              line.contains("unsupported reparse tag 0xa000000c")
                      && ours.getOrDefault(path, "").startsWith("SYMBOLIC_LINK")
                  ? ours.get(path)
                  : line);
          FileTree.assertSame(ours, theirs);
        });
  }

  /// Asserts that nothing is wrong: each cluster in use is one file's and marked so, and the rest
  /// is free; the mirror of the MFT is right; all indexes can be walked.
  void check() throws IOException {
    String said =
        Oracle.named("ntfsresize").run("--info", "--force", "--no-progress-bar", path).out();
    assertThat(said).contains("Accounting clusters").doesNotContain("accounting failed");
    if (!said.contains("ERROR: Volume is full.")) {
      assertThat(said).doesNotContain("ERROR").contains("You might resize");
    }
    Oracle.named("ntfsfix").run("-n", path).succeeds().says("processed successfully");
    Oracle.named("ntfsinfo").run("-m", path).succeeds();
  }
}
