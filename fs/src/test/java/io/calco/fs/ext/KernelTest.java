package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
      mkdir -p dirs/a/b/c many sparse
      for i in $(seq 2000); do : > "many/file with a name $i"; done
      for i in $(seq 3 7 2000); do rm "many/file with a name $i"; done
      head -c 3000000 /dev/urandom > big
      ln big hard; ln -s big soft; ln -s "$(printf 'x%.0s' $(seq 300))" long
      for i in $(seq 0 2 1200); do
        dd if=/dev/urandom of=sparse/holes bs=1024 count=1 seek=$((i*9)) conv=notrunc status=none
      done
      truncate -s 300M sparse/huge
      echo tail >> sparse/huge
      fallocate -l 300000 sparse/setaside && echo x | dd of=sparse/setaside conv=notrunc status=none
      mknod null c 1 3; mknod disk b 8 1; mkfifo fifo
      printf tiny > tiny; printf '%0100d' 7 > small
      touch -d '2040-01-02 03:04:05.678' tiny
      touch -d '1950-01-02 03:04:05' small
      chmod 4711 tiny; chown 1234:100000 small
      """;

  @TempDir Path directory;

  static Stream<List<String>> kinds() {
    return Stream.of(
            "-t ext4 -b 4096",
            "-t ext4 -b 1024 -O inline_data",
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
  @MethodSource("kinds")
  void readsWhatTheKernelWrites(List<String> options) throws IOException {
    ExtImage image = make(options);
    ExtImage dirty = new ExtImage(directory.resolve("dirty.img"));
    try (Mounted mounted = Mounted.of(image, "commit=1")) {
      mounted.shell(FILL);
      setAttributes(mounted.path());
      mounted.shell("sync -f .; rm many/*9; mv big dirs/a; echo more >> tiny; rm sparse/holes");
      mounted.shell("sync -f tiny; echo unsynced > unsynced");
      Files.copy(image.path(), dirty.path(), StandardCopyOption.REPLACE_EXISTING);
    }
    compare(image);
    assertThat(options.contains("ext2") || !isClean(dirty)).isTrue();
    if (options.contains("ext2")) {
      return; // a copy of a mounted ext2 holds what it holds
    }
    Map<String, String> replayed = treeOf(dirty);
    ExtImage recovered = new ExtImage(directory.resolve("recovered.img"));
    Files.copy(dirty.path(), recovered.path(), StandardCopyOption.REPLACE_EXISTING);
    Oracle.named("e2fsck").run("-fy", recovered.path()).exits(0, 1);
    Tree.assertSame(replayed, treeOf(recovered));
    if (!options.contains("bigalloc")) {
      dirty.write(fs -> assertThat(fs.facts().clean()).isTrue());
      dirty.check();
      Tree.assertSame(treeOf(dirty), replayed);
      compare(dirty);
    }
  }

  private static void setAttributes(Path root) throws IOException {
    byte[] value = new byte[500];
    new Random(1).nextBytes(value);
    for (String name : List.of("small", "tiny", "dirs")) {
      var view =
          Files.getFileAttributeView(
              root.resolve(name), java.nio.file.attribute.UserDefinedFileAttributeView.class);
      view.write("short", java.nio.ByteBuffer.wrap(value, 0, 10));
      view.write("long", java.nio.ByteBuffer.wrap(value));
    }
  }

  private static boolean isClean(ExtImage image) throws IOException {
    boolean[] clean = {false};
    image.read(fs -> clean[0] = fs.facts().clean());
    return clean[0];
  }

  private static Map<String, String> treeOf(ExtImage image) throws IOException {
    Map<String, String>[] tree = newArray();
    image.read(fs -> tree[0] = Tree.of(fs));
    return tree[0];
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String>[] newArray() {
    return (Map<String, String>[]) new Map<?, ?>[1];
  }

  /// Asserts that the kernel sees what we see.
  private static void compare(ExtImage image) throws IOException {
    Map<String, String> ours = treeOf(image);
    try (Mounted mounted = Mounted.of(image, "ro,noload")) {
      Tree.assertSame(ours, Tree.of(mounted.path()));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void writesWhatTheKernelReads(List<String> options) throws IOException {
    if (options.contains("bigalloc")) {
      return; // refused, see RefusalTest
    }
    ExtImage image = make(options);
    try (Mounted mounted = Mounted.of(image, "rw")) {
      mounted.shell(FILL);
    }
    image.write(KernelTest::change);
    image.check();
    compare(image);
    try (Mounted mounted = Mounted.of(image, "rw")) {
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
  }
}
