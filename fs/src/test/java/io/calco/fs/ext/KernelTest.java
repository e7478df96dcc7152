package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// We read what the kernel writes, journal and all, and it reads what we write.
class KernelTest {
  private static final String FILL =
      """
      mkdir -p dirs/a/b/c
      head -c 3000000 /dev/urandom > big
      ln big hard; ln -s big soft; ln -s "$(printf 'x%.0s' $(seq 300))" long
      truncate -s 30M sparse/huge
      echo tail >> sparse/huge
      fallocate -l 300000 sparse/setaside && echo x | dd of=sparse/setaside conv=notrunc status=none
      mknod null c 1 3; mknod disk b 8 1; mkfifo fifo
      printf tiny > tiny; printf '%0100d' 7 > small
      touch -d '2040-01-02 03:04:05.678' tiny
      touch -d '1950-01-02 03:04:05' small
      chmod 4711 tiny; chown 1234:100000 small
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  static Stream<List<String>> journalled() {
    return kinds().filter(options -> !options.contains("ext2"));
  }

  static Stream<List<String>> writable() {
    return kinds().filter(options -> !options.contains("bigalloc"));
  }

  private static Stream<List<String>> kinds() {
    return Stream.of(
            "-t ext4 -b 4096",
            "-t ext4 -b 1024 -O inline_data,orphan_file",
            "-t ext3 -b 1024",
            "-t ext2 -b 4096",
            "-t ext4 -b 4096 -O bigalloc -C 65536",
            "-t ext4 -b 1024 -O ^metadata_csum,uninit_bg,^64bit")
        .map(options -> List.of((options + " -N 8000").split(" ")));
  }

  private ExtImage make(List<String> options) throws IOException {
    return ExtImage.make(directory, 48, options.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("journalled")
  void readsWhatTheKernelWrites(List<String> options) throws IOException {
    ExtImage image = make(options);
    ExtImage dirty = new ExtImage(directory.resolve("dirty.img"));
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "commit=1")) {
      fill(mounted);
      mounted.shell("sync -f .; rm many/*9; mv big dirs/a; echo more >> tiny; rm sparse/holes");
      Path held = Files.write(mounted.path().resolve("held"), new byte[300_000]);
      try (FileChannel open = FileChannel.open(held)) {
        Files.delete(held); // an orphan in the copy
        assertThat(open.size()).isEqualTo(300_000);
        mounted.shell("sync -f .; echo unsynced > unsynced");
        Files.copy(image.path(), dirty.path(), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    compare(image);
    assertThat(isClean(dirty)).isFalse();
    Map<String, String> replayed = treeOf(dirty);
    ExtImage recovered = new ExtImage(directory.resolve("recovered.img"));
    Files.copy(dirty.path(), recovered.path(), StandardCopyOption.REPLACE_EXISTING);
    Oracle.named("e2fsck").run("-fy", recovered.path()).exits(0, 1);
    FileTree.assertSame(replayed, treeOf(recovered));
    if (!options.contains("bigalloc")) {
      dirty.write(fs -> assertThat(fs.facts().clean()).isTrue());
      dirty.check();
      FileTree.assertSame(treeOf(dirty), replayed);
      compare(dirty);
    }
  }

  /// Files of all kinds, a large directory with gaps, and files of many extents.
  private static void fill(Mounted mounted) throws IOException {
    Path many = Files.createDirectory(mounted.path().resolve("many"));
    for (int i = 1; i <= 2000; i++) {
      Files.createFile(many.resolve("file with a name " + i));
    }
    for (int i = 3; i <= 2000; i += 7) {
      Files.delete(many.resolve("file with a name " + i));
    }
    Path sparse = Files.createDirectory(mounted.path().resolve("sparse"));
    byte[] piece = new byte[1024];
    Random random = new Random(3);
    try (FileChannel holes =
        FileChannel.open(
            sparse.resolve("holes"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 600; i++) {
        random.nextBytes(piece);
        holes.write(ByteBuffer.wrap(piece), i * 9L * 1024);
      }
    }
    mounted.shell(FILL);
    setAttributes(mounted.path());
  }

  private static void setAttributes(Path root) throws IOException {
    byte[] value = new byte[500];
    new Random(1).nextBytes(value);
    for (String name : List.of("small", "tiny", "dirs")) {
      var view =
          Files.getFileAttributeView(
              root.resolve(name), java.nio.file.attribute.UserDefinedFileAttributeView.class);
      view.write("short", ByteBuffer.wrap(value, 0, 10));
      view.write("long", ByteBuffer.wrap(value));
    }
  }

  private static boolean isClean(ExtImage image) throws IOException {
    boolean[] clean = {false};
    image.read(fs -> clean[0] = fs.facts().clean());
    return clean[0];
  }

  private static Map<String, String> treeOf(ExtImage image) throws IOException {
    Map<String, String>[] tree = newArray();
    image.read(fs -> tree[0] = FileTree.of(fs));
    return tree[0];
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String>[] newArray() {
    return (Map<String, String>[]) new Map<?, ?>[1];
  }

  /// Asserts that the kernel sees what we see.
  private static void compare(ExtImage image) throws IOException {
    Map<String, String> ours = treeOf(image);
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "ro,noload")) {
      FileTree.assertSame(ours, FileTree.of(mounted.path()));
    }
  }

  @ParameterizedTest
  @MethodSource("writable")
  void writesWhatTheKernelReads(List<String> options) throws IOException {
    ExtImage image = make(options);
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "rw")) {
      fill(mounted);
    }
    image.write(KernelTest::change);
    image.check();
    compare(image);
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "rw")) {
      mounted.shell("rm -r many new; mv written other; cp other copied; sync -f .");
    }
    image.check();
    compare(image);
  }

  private static void change(FileSystem fs) throws IOException {
    FileAttributes attributes = FileAttributes.root(0640, Instant.parse("2026-01-02T03:04:05Z"));
    byte[] content = new byte[1_234_567];
    new Random(2).nextBytes(content);
    fs.write("/written", content, attributes);
    fs.write("/tiny", new byte[] {1, 2, 3}, attributes);
    fs.createDirectory("/new", attributes);
    for (int i = 0; i < 300; i++) {
      fs.write("/new/a file of ours " + i, new byte[i], attributes);
      fs.createLink("/many/a link of ours " + i, "target" + i, attributes);
    }
    for (int i = 4; i < 2000; i += 7) {
      fs.delete("/many/file with a name " + i);
    }
    fs.delete("/sparse/holes");
    fs.delete("/null");
    fs.delete("/hard");
    fs.rename("/dirs/a", "/new/a");
    fs.truncate("/sparse/setaside", 5);
    fs.setExtendedAttribute("/new", "user.ours", Optional.of(new byte[200]));
    fs.setExtendedAttribute("/small", "user.short", Optional.empty());
    fs.setExtendedAttribute("/tiny", "user.ours", Optional.of(new byte[100]));
    fs.write("/dirs/some", new byte[10], attributes);
    fs.rename("/new/a/b", "/new/a/x");
    for (int i = 0; i < 30; i++) {
      fs.write("/new/a/x/c/file number " + i, new byte[i], attributes);
    }
    fs.delete("/new/a/x/c/file number 3");
    fs.delete("/dirs/some");
  }
}
