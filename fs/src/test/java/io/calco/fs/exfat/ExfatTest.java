package io.calco.fs.exfat;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.FileTree;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.fs.UsedRuns;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/// What mkfs.exfat and exfat-fuse made, read by us.
class ExfatTest {
  private static final String TREE =
      """
      mkdir -p Sub/deep many
      : > empty
      head -c 300000 /dev/urandom > Sub/random
      for i in $(seq 300); do echo "a file of which there are many $i" > "many/A long file name $i"; done
      for i in $(seq 1 7 300); do rm "many/A long file name $i"; done
      head -c 200000 /dev/urandom > Sub/fragmented
      head -c 5000 /dev/urandom > "Sub/Größe 日本語 😀.dat"
      truncate -s 400000 Sub/fragmented
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path make(String options) throws IOException {
    Path image = Files.createTempFile(directory, "exfat", ".img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(options.contains("64K") ? 64 << 20 : 16 << 20);
    }
    List<Object> words = new ArrayList<>(Arrays.asList(options.split(" ")));
    words.addAll(List.of("-L", "MY DATA", image));
    Oracle.named("mkfs.exfat").run(words.toArray()).succeeds();
    return image;
  }

  @FunctionalInterface
  private interface Use {
    void of(Path mounted) throws IOException;
  }

  private static void mounted(Path image, Use use) throws IOException {
    Oracle fuse = Oracle.named("mount.exfat-fuse");
    if (!"root".equals(System.getProperty("user.name")) || !Files.exists(Path.of("/dev/fuse"))) {
      throw new TestAbortedException("skipped: mounting needs root and /dev/fuse");
    }
    // It takes nothing but a block device.
    Oracle.Run loop = Oracle.named("losetup").run("-f", "--show", image);
    if (loop.exit() != 0) {
      throw new TestAbortedException("skipped: no loop device can be had here: " + loop);
    }
    String device = loop.out().strip();
    Path at = Files.createTempDirectory("calco-mount");
    try {
      Oracle.Run run =
          fuse.run(Map.of("TZ", "UTC", "LC_ALL", "C.UTF-8"), "-o", "umask=022", device, at);
      if (run.exit() != 0) {
        throw new TestAbortedException("skipped: FUSE cannot mount here: " + run);
      }
      try {
        use.of(at);
      } finally {
        Oracle.named("umount").run(at).succeeds();
      }
    } finally {
      Oracle.named("losetup").run("-d", device).succeeds();
      Files.delete(at);
    }
  }

  private static void fill(Path image) throws IOException {
    mounted(image, at -> Oracle.named("bash").run("-ec", "cd '" + at + "'\n" + TREE).succeeds());
    Oracle.named("fsck.exfat").run("-n", image).succeeds();
  }

  private static Map<String, String> withoutRoot(Map<String, String> tree) {
    Map<String, String> cut = new TreeMap<>(tree);
    cut.remove("/");
    // Links of directories are made up, by them and by us.
    cut.replaceAll((path, line) -> line.replaceFirst("links \\d+ ", ""));
    return cut;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 512", "-c 64K"})
  void treeIsExfatFuses(String options) throws IOException {
    Path image = make(options);
    fill(image);
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new ExfatFileSystemType().openReadOnly(disk)) {
      mounted(
          image,
          at -> FileTree.assertSame(withoutRoot(FileTree.of(fs)), withoutRoot(FileTree.of(at))));
      assertThat(fs.find("/sub/RANDOM")).isEqualTo(fs.find("/Sub/random")).isPresent();
      assertThat(fs.find("/sub/größe 日本語 😀.DAT")).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 512", "-c 4K", "-c 64K"})
  void usedRunsArePartclones(String options) throws IOException {
    Path image = make(options);
    fill(image);
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new ExfatFileSystemType().openReadOnly(disk)) {
      UsedRuns ours = UsedRuns.of(fs);
      ours.assertSame(UsedRuns.ofPartclone("exfat", image), fs.facts().size());
      Path copy = ours.copy(image);
      Oracle.named("fsck.exfat").run("-n", copy).succeeds();
    }
  }

  @Test
  void factsAreBlkids() throws IOException {
    Path image = make("-c 4K");
    assertThat(FileSystems.probe(FileDisk.readOnly(image)).orElseThrow().name()).isEqualTo("exfat");
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image).succeeds().out();
    String dump = Oracle.named("dump.exfat").run(image).succeeds().out();
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new ExfatFileSystemType().openReadOnly(disk)) {
      FileSystemFacts facts = fs.facts();
      assertThat(blkid)
          .contains("TYPE=\"" + facts.type() + "\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.clean()).isTrue();
      assertThat(dump)
          .containsPattern("Free Clusters:\\s*" + facts.free() / facts.blockSize() + "\\b");
    }
  }

  @Test
  void onlyOurExceptions() throws IOException {
    Path image = make("-c 512");
    fill(image);
    byte[] bytes = Arrays.copyOf(Files.readAllBytes(image), 16 << 20);
    Fuzz.run(bytes, 512, (mutated, random) -> Fuzz.read(new ExfatFileSystemType(), mutated));
  }
}
