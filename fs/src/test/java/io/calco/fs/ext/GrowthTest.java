package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// File systems grown step by step, judged by e2fsck and used after each step.
class GrowthTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of("-t ext4 -b 4096", new long[] {64, 100, 128, 129, 1000, 5000}),
        Arguments.of("-t ext4 -b 1024", new long[] {9, 16, 17, 300, 2000}),
        Arguments.of("-t ext4 -b 1024 -E resize=20M", new long[] {9, 300, 1000}),
        Arguments.of("-t ext4 -b 1024 -O ^resize_inode", new long[] {9, 300, 1001}),
        Arguments.of("-t ext4 -b 1024 -O ^resize_inode,meta_bg", new long[] {20, 299, 1001}),
        Arguments.of("-t ext4 -b 1024 -O ^resize_inode,sparse_super2", new long[] {20, 299, 1001}),
        Arguments.of("-t ext4 -b 2048 -O ^metadata_csum,uninit_bg,^64bit", new long[] {9, 400}),
        Arguments.of("-t ext3 -b 1024", new long[] {9, 40, 300}),
        Arguments.of("-t ext2 -b 1024 -O ^sparse_super,^resize_inode", new long[] {9, 40, 150}),
        Arguments.of("-t ext2 -b 4096 -I 128", new long[] {9, 1000}));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void growsStepByStep(String options, long[] mebibytes) throws IOException {
    ExtImage image = ExtImage.make(directory, mebibytes[0], options.split(" "));
    Map<String, byte[]> files = new TreeMap<>();
    add(image, files, 200_000);
    for (int i = 1; i < mebibytes.length; i++) {
      try (var file = new RandomAccessFile(image.path().toFile(), "rw")) {
        file.setLength((mebibytes[i] << 20) + 512);
      }
      long bytes = mebibytes[i] << 20;
      image.write(fs -> {
        fs.growToDisk();
        assertThat(fs.facts().size()).isBetween(bytes * 9 / 10, bytes);
      });
      image.check();
      add(image, files, 5_000_000);
      image.check();
      image.read(fs -> check(fs, files));
    }
    try (Mounted mounted = Mounted.of(image.path(), "ext4", "rw")) {
      mounted.shell("head -c 3000000 /dev/zero > zeroes; rm file0; sync -f .");
    }
    image.check();
  }

  private static void add(ExtImage image, Map<String, byte[]> files, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(files.size()).nextBytes(content);
    String path = "/file" + files.size();
    files.put(path, content);
    image.write(fs -> fs.write(path, content, ATTRIBUTES));
  }

  private static void check(FileSystem fs, Map<String, byte[]> files) throws IOException {
    for (var file : files.entrySet()) {
      byte[] content = new byte[file.getValue().length];
      fs.read(file.getKey(), 0, java.lang.foreign.MemorySegment.ofArray(content));
      assertThat(content).isEqualTo(file.getValue());
    }
  }
}
