package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// File systems that the kernel filled, shrunk in steps down to the least, judged by e2fsck and by
/// the kernel, which finds every file as it was.
class ShrinkTest {
  private static final long MIB = 1 << 20;
  private static final Pattern LEAST = Pattern.compile("minimum size.*?: (\\d+)");

  /// Files in every group, the first ones gone again: what is left lies behind holes.
  private static final String FILL =
      """
      ACL=0x0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff
      RANDOM=6; mkdir -p gone kept/a/b/c
      for i in $(seq 12); do head -c $((RANDOM * 60)) /dev/urandom > gone/$i; done
      head -c 9000000 /dev/urandom > kept/big
      for d in $(seq 12); do
        mkdir kept/d$d
        for i in $(seq 6); do head -c $((RANDOM / 4)) /dev/urandom > "kept/d$d/file $i"; done
      done
      ln kept/big kept/hard; ln -s big kept/soft; ln -s "$(printf 'x%.0s' $(seq 300))" kept/long
      truncate -s 30M kept/sparse; echo tail >> kept/sparse
      for i in $(seq 0 300 9000); do
        head -c 1024 /dev/urandom | dd of=kept/holes bs=1024 seek=$i conv=notrunc status=none
      done
      fallocate -l 300000 kept/setaside || true
      mknod kept/null c 1 3; mkfifo kept/fifo; printf tiny > kept/tiny
      mkdir kept/many; (cd kept/many; touch $(seq -f 'a file with a name %04g' 700 | tr ' ' _))
      for i in 1 2 3; do
        mkdir kept/x$i; setfattr -n user.long -v "$(printf 'y%.0s' $(seq 400))" kept/x$i
        echo $i > kept/x$i/f; setfattr -n user.same -v "$(printf 'z%.0s' $(seq 500))" kept/x$i/f
        setfattr -n system.posix_acl_access -v $ACL kept/x$i/f
      done
      head -c 3000000 /dev/urandom > kept/last
      sync -f .; rm -r gone; sync -f .
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  static Stream<String> kinds() {
    return Stream.of(
        "-t ext4 -b 4096 -g 2048 -N 6000",
        "-t ext4 -b 4096 -N 6000",
        "-t ext4 -b 1024 -N 20000",
        "-t ext4 -b 1024 -O inline_data,orphan_file -N 2000",
        "-t ext4 -b 1024 -O ^resize_inode -N 2000",
        "-t ext4 -b 1024 -O ^flex_bg -E stride=7",
        "-t ext4 -b 2048 -O ^metadata_csum,uninit_bg,^64bit -g 4096 -G 4 -N 8000",
        "-t ext4 -b 1024 -E packed_meta_blocks=1 -I 128",
        "-t ext3 -b 1024",
        "-t ext2 -b 1024 -O ^sparse_super,^resize_inode -N 2000",
        "-t ext2 -b 4096 -I 128 -g 4096 -N 6000",
        "-t ext4 -b 1024 -E resize=9G -O ^64bit");
  }

  private ExtImage filled(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 96, options.split(" "));
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "rw")) {
      mounted.shell(FILL);
    }
    image.check();
    return image;
  }

  private static Map<String, String> kernelsTree(ExtImage image) throws IOException {
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "ro")) {
      return FileTree.of(mounted.path());
    }
  }

  private ExtImage shrunk(ExtImage image, long size) throws IOException {
    Path path = Files.createTempFile(directory, "shrunk", ".img");
    try (Disk disk = FileDisk.readOnly(image.path());
        Disk shrunk = new ExtFileSystemType().shrunk(disk, size);
        OutputStream out = Files.newOutputStream(path)) {
      assertThat(shrunk.size()).isBetween(Math.min(size, disk.size()) - 9 * MIB, size);
      for (long at = 0; at < shrunk.size(); at += MIB) {
        out.write(shrunk.readBytes(at, (int) Math.min(MIB, shrunk.size() - at)));
      }
    }
    return new ExtImage(path);
  }

  private static long least(ExtImage image) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path())) {
      return new ExtFileSystemType().leastSize(disk);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void shrinksInStepsToTheLeast(String options) throws IOException {
    ExtImage image = filled(options);
    Map<String, String> files = kernelsTree(image);
    long least = least(image);
    assertThat(least).isLessThanOrEqualTo(resize2fsLeast(image) + MIB);
    ExtImage at = image;
    for (long size : new long[] {45 * MIB + 512, 0}) {
      // From what was shrunk before: what was moved once is moved once more.
      at = shrunk(at, Math.max(size, least(at)));
      at.check();
      FileTree.assertSame(files, kernelsTree(at));
      at.check();
    }
    assertThatThrownBy(() -> shrunk(image, 8 * MIB)).isInstanceOf(LimitExceededException.class);
  }

  /// As a machine leaves it that was switched off: a journal to replay, a file without a name.
  @Test
  void shrinksWhatWasNotUnmounted() throws IOException {
    ExtImage image = filled("-t ext4 -b 1024 -N 3000");
    ExtImage dirty = new ExtImage(directory.resolve("dirty.img"));
    Map<String, String> files;
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "commit=1")) {
      mounted.shell("rm -r kept/d3; cp kept/last kept/again; sync -f .");
      Path held = Files.write(mounted.path().resolve("held"), new byte[300_000]);
      try (var open = Files.newInputStream(held)) {
        Files.delete(held);
        mounted.shell("sync -f .");
        Files.copy(image.path(), dirty.path(), StandardCopyOption.REPLACE_EXISTING);
        assertThat(open.read()).isZero();
      }
    }
    files = kernelsTree(image);
    Path untouched = Files.copy(dirty.path(), directory.resolve("untouched.img"));
    ExtImage smaller = shrunk(dirty, 40 * MIB);
    assertThat(Files.mismatch(dirty.path(), untouched)).isEqualTo(-1);
    assertThat(Files.mismatch(smaller.path(), shrunk(dirty, 40 * MIB).path())).isEqualTo(-1);
    smaller.check();
    FileTree.assertSame(files, kernelsTree(smaller));
  }

  /// The same without the kernel: any tree, to any size.
  @Test
  void shrinksWhateverIsInIt() {
    List<String> kinds = kinds().toList();
    Seeds.run(
        10,
        random -> {
          String options = kinds.get(random.nextInt(kinds.size()));
          ExtImage image = ExtImage.make(directory, 24 + random.nextInt(60), options.split(" "));
          image.write(fs -> fill(fs, random));
          Map<String, String> files = new TreeMap<>();
          image.read(fs -> files.putAll(FileTree.of(fs)));
          long least = least(image);
          long size = least + random.nextLong(Files.size(image.path()) - least + 1);
          for (long to : new long[] {size, least}) {
            ExtImage smaller = shrunk(image, to);
            smaller.check();
            smaller.read(fs -> FileTree.assertSame(files, FileTree.of(fs)));
            Files.delete(smaller.path());
          }
          Files.delete(image.path());
        });
  }

  private static void fill(FileSystem fs, Random random) throws IOException {
    FileAttributes attributes = FileAttributes.root(0644, Instant.EPOCH);
    List<String> directories = new ArrayList<>(List.of(""));
    List<String> files = new ArrayList<>();
    int count = 100 + random.nextInt(600);
    for (int i = 0; i < count; i++) {
      String parent = directories.get(random.nextInt(directories.size()));
      String path = parent + "/" + "n".repeat(1 + random.nextInt(60)) + i;
      switch (random.nextInt(10)) {
        case 0 -> {
          fs.createDirectory(path, attributes);
          directories.add(path);
        }
        case 1 -> fs.createLink(path, "t".repeat(1 + random.nextInt(200)), attributes);
        case 2 -> {
          if (!files.isEmpty()) {
            fs.delete(files.remove(random.nextInt(files.size())));
          }
        }
        default -> {
          byte[] content = new byte[random.nextInt(random.nextInt(10) == 0 ? 400_000 : 9_000)];
          random.nextBytes(content);
          fs.write(path, content, attributes);
          files.add(path);
          if (random.nextInt(6) == 0) {
            byte[] value = new byte[random.nextInt(600)];
            fs.setExtendedAttribute(path, "user.some", Optional.of(value));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'^resize_inode,meta_bg',meta_bg",
    "'^resize_inode,sparse_super2',sparse_super2",
    "stable_inodes,stable_inodes",
    "bigalloc,bigalloc"
  })
  void refusesByName(String feature, String name) throws IOException {
    ExtImage image = ExtImage.make(directory, 32, "-t", "ext4", "-O", feature);
    assertThatThrownBy(() -> shrunk(image, 20 * MIB))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining(name);
    assertThatThrownBy(() -> least(image)).isInstanceOf(UnsupportedFeatureException.class);
  }

  private static long resize2fsLeast(ExtImage image) {
    String said = Oracle.named("resize2fs").run("-P", image.path()).succeeds().out();
    Matcher found = LEAST.matcher(said);
    assertThat(found.find()).isTrue();
    Matcher size =
        Pattern.compile("Block size: +(\\d+)")
            .matcher(Oracle.named("dumpe2fs").run("-h", image.path()).succeeds().out());
    assertThat(size.find()).isTrue();
    return Long.parseLong(found.group(1)) * Long.parseLong(size.group(1));
  }
}
