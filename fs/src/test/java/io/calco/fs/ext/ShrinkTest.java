package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileDisk;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
      mkdir -p gone kept/a/b/c
      for i in $(seq 40); do head -c $((RANDOM * 20)) /dev/urandom > gone/$i; done
      head -c 9000000 /dev/urandom > kept/big
      for d in $(seq 12); do
        mkdir kept/d$d
        for i in $(seq 40); do head -c $((RANDOM / 8)) /dev/urandom > "kept/d$d/file $i"; done
      done
      ln kept/big kept/hard; ln -s big kept/soft; ln -s "$(printf 'x%.0s' $(seq 300))" kept/long
      truncate -s 30M kept/sparse; echo tail >> kept/sparse
      for i in $(seq 0 90 9000); do
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
        "-t ext4 -b 4096",
        "-t ext4 -b 1024",
        "-t ext4 -b 1024 -O inline_data,orphan_file",
        "-t ext4 -b 1024 -O ^resize_inode",
        "-t ext4 -b 1024 -O ^flex_bg -E stride=7",
        "-t ext4 -b 2048 -O ^metadata_csum,uninit_bg,^64bit -G 4",
        "-t ext4 -b 1024 -E packed_meta_blocks=1 -I 128",
        "-t ext3 -b 1024",
        "-t ext2 -b 1024 -O ^sparse_super,^resize_inode",
        "-t ext2 -b 4096 -I 128",
        "-t ext4 -b 1024 -E resize=9G -O ^64bit");
  }

  private ExtImage filled(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 96, (options + " -N 6000").split(" "));
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
      assertThat(shrunk.size()).isBetween(Math.min(size, disk.size()) - 8 * MIB, size);
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
    System.err.println("LEAST " + options + " " + least + " resize2fs " + resize2fsLeast(image));
    assertThat(least).isLessThanOrEqualTo(resize2fsLeast(image) + MIB);
    for (long size : new long[] {90 * MIB + 512, 66 * MIB, 41 * MIB + 1024, least}) {
      if (size < least) {
        continue;
      }
      ExtImage smaller = shrunk(image, size);
      smaller.check();
      FileTree.assertSame(files, kernelsTree(smaller));
      smaller.check();
      // And again from there: what was moved once is moved once more.
      ExtImage smallest = shrunk(smaller, Math.max(least + 256 * 1024, size - 9 * MIB));
      smallest.check();
      FileTree.assertSame(files, kernelsTree(smallest));
      Files.delete(smallest.path());
      Files.delete(smaller.path());
    }
    assertThatThrownBy(() -> shrunk(image, 8 * MIB)).isInstanceOf(LimitExceededException.class);
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
