package io.calco.fs.squashfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileDisk;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystems;
import io.calco.fs.FileTree;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.fs.UsedRuns;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What mksquashfs made, read by us and by the kernel.
class SquashTest {
  private static final String TREE =
      """
      mkdir -p sub/deep many "with space"
      : > empty
      seq 20000 > sub/text
      head -c 300000 /dev/urandom > sub/random
      head -c 131072 /dev/zero > sub/block
      truncate -s 5M sub/hole
      (seq 9000; head -c 300000 /dev/zero; seq 9000) > sub/partly
      ln sub/text sub/hardlink
      ln -s ../sub/text "with space/link"
      ln -s $(printf 'x%.0s' $(seq 900)) sub/long
      mkfifo sub/fifo
      chmod 4751 sub/random
      chown 1234:77777 sub/text
      for i in $(seq 400); do echo "a file of which there are many $i" > many/file$i; done
      setfattr -n user.small -v value sub/text
      setfattr -n user.large -v $(printf 'v%.0s' $(seq 3000)) sub/random
      setfattr -n user.large -v $(printf 'v%.0s' $(seq 3000)) sub/deep
      setfattr -n user.small -v value "with space"
      find . -exec touch -h -d 2020-02-03T04:05:06Z {} +
      """;

  @TempDir Path source;

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path make(String options) {
    Oracle.named("setfattr");
    Oracle.named("bash").run("-ec", "cd '" + source + "'\n" + TREE).succeeds();
    return squash(source, options);
  }

  private Path squash(Path tree, String options) {
    Path image = directory.resolve("image.squashfs");
    List<Object> words = new ArrayList<>(List.of(tree, image, "-noappend", "-no-progress"));
    words.addAll(Arrays.asList(options.split(" ")));
    Oracle.named("mksquashfs").run(words.toArray()).succeeds();
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-comp gzip",
        "-comp xz -b 4096",
        "-comp xz -Xbcj x86",
        "-comp zstd -b 1M",
        "-comp lz4 -noI",
        "-comp lzo -always-use-fragments",
        "-comp gzip -no-fragments -noD -noF -noX"
      })
  void treeIsTheKernels(String options) throws IOException {
    Path image = make(options);
    Map<String, String> ours;
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new SquashFileSystemType().openReadOnly(disk)) {
      ours = FileTree.of(fs);
      assertThat(UsedRuns.of(fs).runs()).containsExactly(new UsedRuns.Run(0, Files.size(image)));
      assertThat(fs.find("/sub/text").map(FileStatus::inode))
          .isEqualTo(fs.find("/sub/hardlink").map(FileStatus::inode));
    }
    assertThat(FileSystems.probe(FileDisk.readOnly(image)).orElseThrow().name())
        .isEqualTo("squashfs");
    FileTree.assertSame(ours, FileTree.of(extracted(image)));
    try (Mounted mounted = Mounted.of(image, "squashfs", "ro")) {
      FileTree.assertSame(ours, FileTree.of(mounted.path()));
    }
  }

  private Path extracted(Path image) {
    Path out = source.resolve("extracted");
    Oracle.named("unsquashfs").run("-n", "-q", "-d", out, image).succeeds();
    return out;
  }

  @Test
  void lzmaAndOldVersionsAreRefusedByName() throws IOException {
    byte[] image = Files.readAllBytes(make("-comp gzip"));
    byte[] lzma = image.clone();
    LittleEndian.put16(lzma, 20, 2);
    assertThatThrownBy(() -> open(lzma))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("lzma");
    LittleEndian.put16(image, 28, 3);
    assertThatThrownBy(() -> open(image))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("version 3.0");
  }

  private static FileSystem open(byte[] image) throws IOException {
    return new SquashFileSystemType().openReadOnly(Disk.owning(new MemoryDriver(image)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-comp gzip -noI -noX", "-comp lz4 -noI", "-comp lzo"})
  void onlyOurExceptions(String options) throws IOException {
    byte[] image = Files.readAllBytes(make(options));
    Fuzz.run(
        image,
        512,
        (mutated, random) -> {
          // The tables are at the end.
          int at = image.length - 1 - random.nextInt(Math.min(image.length, 20_000));
          mutated[at] = (byte) random.nextInt(256);
          Fuzz.read(new SquashFileSystemType(), mutated);
        });
  }

  @Test
  void anyPartOfAFileCanBeRead() throws IOException {
    Path image = make("-comp gzip -b 4096");
    byte[] all = Files.readAllBytes(source.resolve("sub/partly"));
    try (Disk disk = FileDisk.readOnly(image);
        FileSystem fs = new SquashFileSystemType().openReadOnly(disk)) {
      for (int at = 0; at < all.length; at += 17_777) {
        byte[] part = new byte[10_000];
        int read = fs.read("/sub/partly", at, MemorySegment.ofArray(part));
        assertThat(read).isEqualTo(Math.min(part.length, all.length - at));
        assertThat(Arrays.equals(part, 0, read, all, at, at + read)).isTrue();
      }
    }
  }
}
