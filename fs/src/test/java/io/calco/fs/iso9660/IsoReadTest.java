package io.calco.fs.iso9660;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystems;
import io.calco.fs.FileTree;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.fs.UsedRuns;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that others made, read by us.
class IsoReadTest {
  private static final String TREE =
      """
      mkdir -p a/b/c/d/e/f/g/h/i/j/k sub "with space"
      echo deep > a/b/c/d/e/f/g/h/i/j/k/deep
      head -c 100000 /dev/urandom > sub/random
      : > empty
      long=$(printf 'n%.0s' $(seq 240))
      echo long > $long
      ln -s ../sub/random "with space/link"
      part=$(printf 'm%.0s' $(seq 60))
      ln -s /abs/./$part/$part/$part/$part/$part/x sub/long
      ln -s /nowhere sub/root
      ln -s ../.. sub/up
      chmod 4751 sub/random
      mkfifo sub/fifo
      echo x > "sub/Grüße.txt"
      for i in $(seq 300); do echo $i > sub/file$i; done
      find . -exec touch -h -d 2020-02-03T04:05:06Z {} +
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path tree() throws IOException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Oracle.named("bash").run("-ec", "cd '" + tree + "'\n" + TREE).succeeds();
    return tree;
  }

  private Path make(String program, String options, Path tree) {
    Path image = directory.resolve("image.iso");
    List<Object> words = new ArrayList<>();
    if (program.equals("xorriso")) {
      words.addAll(List.of("-as", "mkisofs"));
    }
    words.addAll(Arrays.asList(options.split(" ")));
    words.addAll(List.of("-V", "TEST_VOLUME", "-o", image, tree));
    Oracle.named(program).run(Map.of("LC_ALL", "C.UTF-8"), words.toArray()).succeeds();
    return image;
  }

  private static Map<String, String> withoutLinks(Map<String, String> tree) {
    Map<String, String> cut = new TreeMap<>();
    tree.forEach((path, line) -> cut.put(path, line.replaceFirst("links \\d+ ", "")));
    // Times of links are not restored when they are extracted.
    cut.replaceAll(
        (path, line) -> line.startsWith("SYMBOLIC") ? line.replaceFirst(" \\S+Z ", " ") : line);
    return cut;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xorriso -R -J -joliet-long",
        "xorriso -R",
        "genisoimage -R -J -l",
        "genisoimage -R"
      })
  void rockRidgeIsAsXorrisoExtractsIt(String options) throws IOException {
    String program = options.substring(0, options.indexOf(' '));
    String words = options.substring(program.length() + 1);
    Path image = make(program, words + (program.equals("xorriso") ? "" : " -quiet"), tree());
    Path out = directory.resolve("out");
    Oracle.named("xorriso")
        .run(
            Map.of("LC_ALL", "C.UTF-8"),
            "-osirrox",
            "on",
            "-indev",
            "stdio:" + image,
            "-extract",
            "/",
            out)
        .succeeds();
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new Iso9660FileSystemType().openReadOnly(disk)) {
      FileTree.assertSame(withoutLinks(FileTree.of(fs)), withoutLinks(FileTree.of(out)));
      assertThat(UsedRuns.of(fs).runs()).hasSize(1);
      String blkid = Oracle.named("blkid").run("-p", "-o", "full", image).succeeds().out();
      assertThat(blkid)
          .contains(" LABEL=\"" + fs.facts().label().orElseThrow() + "\"")
          .contains(" UUID=\"" + fs.facts().uuid().orElseThrow() + "\"");
    }
    assertThat(FileSystems.probe(FileDisk.readOnly(image)).orElseThrow().name())
        .isEqualTo("iso9660");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-J -joliet-long", "-iso-level 3"})
  void contentWithoutRockRidge(String options) throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    Oracle.named("bash")
        .run("-ec", "cd '" + tree + "'; mkdir d; seq 9999 > d/Numbers.txt; echo b > d/b")
        .succeeds();
    Path image = make("genisoimage", options + " -quiet", tree);
    String name = options.startsWith("-J") ? "/d/Numbers.txt" : "/d/numbers.txt";
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new Iso9660FileSystemType().openReadOnly(disk)) {
      byte[] bytes = new byte[(int) fs.find(name).orElseThrow().size()];
      fs.read(name, 0, MemorySegment.ofArray(bytes));
      assertThat(tree.resolve("d/Numbers.txt")).hasBinaryContent(bytes);
      assertThat(fs.list("/d")).hasSize(2);
    }
  }

  private static byte[] small() throws IOException {
    IsoImage image = IsoImage.labelled("x", Instant.EPOCH);
    for (int i = 0; i < 40; i++) {
      image.add("d/file number " + i, new byte[100 * i]);
    }
    return image.add("a", new byte[] {1, 2, 3}).add("b", new byte[] {4, 5}).bytes();
  }

  /// The records of two files made one by the mark that more follows.
  @Test
  void extentsOfAFileFollowEachOther() throws IOException {
    byte[] image = small();
    for (int at = 0; at < image.length - 40; at++) {
      boolean isRecord = LittleEndian.u8(image, at + 32) == 4 && image[at + 33] == 'A';
      if (isRecord && image[at + 34] == '.') {
        image[at + 25] = (byte) 0x80;
      }
    }
    try (FileSystem fs = open(image)) {
      byte[] bytes = new byte[5];
      assertThat(fs.read("/b", 0, MemorySegment.ofArray(bytes))).isEqualTo(5);
      assertThat(bytes).containsExactly(1, 2, 3, 4, 5);
      assertThat(fs.read("/b", 2, MemorySegment.ofArray(new byte[2]))).isEqualTo(2);
    }
  }

  private static FileSystem open(byte[] image) throws IOException {
    return new Iso9660FileSystemType().openReadOnly(Disk.owning(new MemoryDriver(image)));
  }

  @Test
  void nothingIsWritten() throws IOException {
    try (FileSystem fs = open(small())) {
      assertThatThrownBy(() -> fs.delete("/a")).isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void onlyOurExceptions() throws IOException {
    Path image = make("xorriso", "-R -J", tree());
    for (byte[] bytes : List.of(small(), Files.readAllBytes(image))) {
      Fuzz.run(bytes, 2048, (mutated, random) -> Fuzz.read(new Iso9660FileSystemType(), mutated));
    }
  }
}
