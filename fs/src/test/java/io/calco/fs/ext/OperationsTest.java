package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each operation alone, over the kinds of file systems that mke2fs makes, judged by e2fsck.
class OperationsTest {
  private static final Instant TIME = Instant.parse("2026-11-21T10:00:00.123456789Z");

  @TempDir(factory = InMemory.class)
  Path directory;

  static Stream<List<String>> kinds() {
    return Stream.of(
            "-t ext2 -b 1024",
            "-t ext2 -b 4096 -I 128",
            "-t ext3 -b 1024",
            "-t ext3 -b 4096 -O ^dir_index",
            "-t ext4 -b 4096",
            "-t ext4 -b 1024",
            "-t ext4 -b 2048 -O ^metadata_csum,uninit_bg",
            "-t ext4 -b 1024 -O ^metadata_csum,^uninit_bg,^64bit",
            "-t ext4 -b 4096 -O inline_data -I 512",
            "-t ext4 -b 1024 -O inline_data",
            "-t ext4 -b 1024 -I 128 -O metadata_csum",
            "-t ext4 -b 1024 -O ^resize_inode,meta_bg",
            "-t ext4 -b 4096 -O ^resize_inode,sparse_super2",
            "-t ext4 -b 4096 -O ^has_journal",
            "-t ext4 -b 1024 -O ^extent,^flex_bg,^64bit",
            "-t ext4 -b 1024 -O orphan_file",
            "-t ext4 -b 1024 -O metadata_csum_seed -E hash_seed=2b6d0a0c-0c0a-4b6d-8a0c-0c0a2b6d8a0c",
            "-t ext4 -b 65536 -N 4096")
        .map(options -> List.of(options.split(" ")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anotherUuid(List<String> kind) throws IOException {
    ExtImage image = ExtImage.make(directory, 24, kind.toArray(String[]::new));
    UUID wanted = UUID.fromString("3f2b8a51-9c1d-4e7a-8b66-1c0d2e3f4a5b");
    List<String> now = new ArrayList<>();
    image.write(fs -> {
      fs.write("/file", bytes(1, 300_000), FileAttributes.root(0644, TIME));
      now.add(fs.uuidFrom(wanted).orElseThrow());
      fs.setUuid(wanted);
      assertThat(fs.facts().uuid()).contains(now.getFirst());
      fs.createDirectory("/after", FileAttributes.root(0755, TIME));
    });
    image.check();
    assertThat(now.getFirst()).startsWith("3f2b8a51-9c1d-4e7a-8b66-");
    Oracle.named("blkid").run("-p", "-s", "UUID", image.path()).succeeds().says(now.getFirst());
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static FileAttributes attributes(int permissions) {
    return new FileAttributes(permissions, 1000, 70000, TIME);
  }

  private static byte[] content(FileSystem fs, String path) throws IOException {
    byte[] content = new byte[(int) fs.find(path).orElseThrow().size()];
    assertThat(fs.read(path, 0, MemorySegment.ofArray(content))).isEqualTo(content.length);
    return content;
  }

  private ExtImage make(List<String> options) throws IOException {
    return ExtImage.make(
        directory, options.contains("65536") ? 64 : 16, options.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void leavesNothingForE2fsck(List<String> options) throws IOException {
    ExtImage image = make(options);
    List<ExtImage.Work> works =
        List.of(
            fs -> fs.write("/empty", new byte[0], attributes(0600)),
            fs -> fs.write("/tiny", bytes(1, 50), attributes(0644)),
            fs -> fs.write("/small", bytes(2, 130), attributes(04755)),
            fs -> fs.write("/block", bytes(3, 4096), attributes(0644)),
            fs -> fs.write("/big", bytes(4, 700_001), attributes(0644)),
            fs -> fs.write("/tiny", bytes(5, 9_000), attributes(0640)),
            fs -> fs.write("/big", bytes(6, 10), attributes(0640)),
            fs -> fs.write("/big", bytes(7, 300_000), attributes(0640)),
            fs -> fs.createDirectory("/d", attributes(0755)),
            fs -> fs.createDirectory("/d/e", attributes(0700)),
            fs -> fs.write("/d/e/f", bytes(8, 5000), attributes(0644)),
            fs -> fs.createLink("/d/short", "../small", attributes(0777)),
            fs -> fs.createLink("/d/long", "x/".repeat(200), attributes(0777)),
            fs -> fs.createLink("/d/middle", "y".repeat(60), attributes(0777)),
            fs -> fs.rename("/block", "/d/block"),
            fs -> fs.rename("/d/e", "/e"),
            fs -> fs.rename("/small", "/empty"),
            fs -> fs.setAttributes("/e", attributes(0111)),
            fs -> fs.setExtendedAttribute("/e/f", "user.one", Optional.of(bytes(9, 20))),
            fs -> fs.setExtendedAttribute("/e/f", "security.two", Optional.of(bytes(10, 300))),
            fs -> fs.setExtendedAttribute("/e/f", "user.none", Optional.of(new byte[0])),
            fs -> fs.setExtendedAttribute("/d", "trusted.d", Optional.of(bytes(11, 700))),
            fs -> fs.setExtendedAttribute("/e/f", "user.one", Optional.of(bytes(12, 400))),
            fs -> fs.setExtendedAttribute("/e/f", "security.two", Optional.empty()),
            fs -> fs.truncate("/big", 100_000),
            fs -> fs.truncate("/big", 400_000),
            fs -> fs.truncate("/big", 5L << 30),
            fs -> fs.truncate("/big", 400_000),
            fs -> fs.truncate("/tiny", 20),
            fs -> fs.truncate("/empty", 0),
            fs -> fs.delete("/d/long"),
            fs -> fs.delete("/d/short"),
            fs -> fs.delete("/e/f"),
            fs -> fs.delete("/e"),
            FileSystem::trim);
    for (int i = 0; i < works.size(); i++) {
      ExtImage.Work work = works.get(i);
      image.write(work);
      try {
        image.check();
      } catch (AssertionError e) {
        throw new AssertionError("after work " + i, e);
      }
    }
    image.read(this::checkResult);
    image.write(this::checkResult);
  }

  private void checkResult(FileSystem fs) throws IOException {
    assertThat(fs.list("/").stream().map(e -> e.name()))
        .containsExactlyInAnyOrder("lost+found", "empty", "tiny", "big", "d");
    assertThat(fs.list("/d").stream().map(e -> e.name()))
        .containsExactlyInAnyOrder("block", "middle");
    assertThat(content(fs, "/d/block")).isEqualTo(bytes(3, 4096));
    assertThat(content(fs, "/tiny")).isEqualTo(Arrays.copyOf(bytes(5, 9000), 20));
    byte[] big = Arrays.copyOf(bytes(7, 300_000), 100_000);
    assertThat(content(fs, "/big")).isEqualTo(Arrays.copyOf(big, 400_000));
    assertThat(fs.readLink("/d/middle")).isEqualTo("y".repeat(60));
    assertThat(fs.extendedAttributes("/d")).containsOnlyKeys("trusted.d");
    assertThat(fs.extendedAttributes("/d").get("trusted.d")).isEqualTo(bytes(11, 700));
    var status = fs.find("/d/block").orElseThrow();
    assertThat(status.uid()).isEqualTo(1000);
    assertThat(status.gid()).isEqualTo(70000);
    assertThat(status.permissions()).isEqualTo(0644);
    assertThat(status.modified().getEpochSecond()).isEqualTo(TIME.getEpochSecond());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fillsDirectories(List<String> options) throws IOException {
    ExtImage image = make(options);
    int count = 1500;
    image.write(fs -> {
      fs.createDirectory("/many", attributes(0755));
      for (int i = 0; i < count; i++) {
        fs.createLink(name(i), "t" + i, attributes(0777));
      }
    });
    image.check();
    image.write(fs -> {
      assertThat(fs.list("/many")).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(fs.readLink(name(i))).isEqualTo("t" + i);
      }
      assertThatThrownBy(() -> fs.delete("/many")).isInstanceOf(DirectoryNotEmptyException.class);
      for (int i = 0; i < count; i += 2) {
        fs.delete(name(i));
      }
    });
    image.check();
    image.write(fs -> {
      for (int i = 1; i < count; i += 2) {
        fs.delete(name(i));
      }
      fs.delete("/many");
      assertThat(fs.find("/many")).isEmpty();
    });
    image.check();
  }

  @Test
  void writesRevisionZero() throws IOException {
    ExtImage image = make(List.of("-t", "ext2", "-r", "0", "-b", "1024"));
    image.write(fs -> {
      fs.createDirectory("/d", attributes(0755));
      fs.write("/d/file", bytes(1, 400_000), attributes(0644));
      fs.rename("/d/file", "/file");
      assertThatThrownBy(() -> fs.setExtendedAttribute("/d", "user.a", Optional.of(new byte[1])))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("revision 0");
      assertThatThrownBy(() -> fs.truncate("/file", 1L << 31))
          .isInstanceOf(UnsupportedFeatureException.class);
      assertThat(content(fs, "/file")).isEqualTo(bytes(1, 400_000));
    });
    image.check();
  }

  private static String name(int i) {
    return "/many/a name of some length, number " + i;
  }
}
