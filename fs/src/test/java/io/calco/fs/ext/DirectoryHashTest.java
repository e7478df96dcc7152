package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The hashes are debugfs's, and directories ordered by each are right for e2fsck.
class DirectoryHashTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);
  private static final List<String> NAMES =
      List.of(
          "a",
          "ab",
          "abcd",
          "a name of sixteen",
          "exactly sixteen!",
          "a somewhat longer name, of 32 by",
          "x".repeat(255),
          "ñandú");

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @CsvSource({"0,legacy", "1,half_md4", "2,tea"})
  void hashesAsDebugfsDoes(int version, String name) {
    List<Integer> seed = List.of(0x0A0C6D2B, 0x4B6D0C0A, 0x0A0C8A0C, 0x2B6D8A0C);
    for (String word : NAMES) {
      for (List<Integer> one : List.of(List.of(0, 0, 0, 0), seed)) {
        String uuid = "2b6d0c0a-0a0c-6d4b-0c8a-0c0a0c8a6d2b";
        String out =
            Oracle.named("debugfs")
                .run(
                    "-R",
                    one.equals(seed)
                        ? "dx_hash -h %s -s %s \"%s\"".formatted(name, uuid, word)
                        : "dx_hash -h %s \"%s\"".formatted(name, word))
                .succeeds()
                .out();
        int ours = new DirectoryHash(version, one).of(word.getBytes(StandardCharsets.UTF_8));
        assertThat(out).contains(String.format(Locale.ROOT, "is 0x%x ", ours));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"legacy,1", "half_md4,1", "tea,1", "legacy,2", "half_md4,2", "tea,2"})
  void ordersDirectories(String algorithm, int signed) throws IOException {
    ExtImage image = ExtImage.make(directory, 32, "-t", "ext4", "-b", "1024", "-N", "8000");
    Oracle.named("tune2fs").run("-E", "hash_alg=" + algorithm, image.path()).succeeds();
    Oracle.named("debugfs")
        .run("-w", "-R", "set_super_value flags " + signed, image.path())
        .succeeds();
    int count = 6000;
    image.write(fs -> {
      fs.createDirectory("/many", ATTRIBUTES);
      for (int i = 0; i < count; i++) {
        fs.createLink("/many/ñ a rather long name to fill the index " + i, "t", ATTRIBUTES);
      }
    });
    image.check();
    assertThat(image.debugfs("htree_dump /many")).contains("Indirect levels: 1");
    image.read(fs -> {
      for (int i = 0; i < count; i += 7) {
        assertThat(fs.find("/many/ñ a rather long name to fill the index " + i)).isPresent();
      }
      assertThat(fs.find("/many/another")).isEmpty();
    });
  }

  @Test
  void checksumsAreTheKernels() {
    byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(~Crc32c.update(-1, check)).isEqualTo(0xE3069283);
    int first = Crc32c.update(-1, check, 0, 4);
    assertThat(Crc32c.update(first, check, 4, 5)).isEqualTo(Crc32c.update(-1, check));
    byte[] four = new byte[4];
    LittleEndian.put32(four, 0, 0x12345678);
    assertThat(Crc32c.updateLe32(77, 0x12345678)).isEqualTo(Crc32c.update(77, four));
    assertThat(Crc16.update(0, check, 0, check.length)).isEqualTo(0xBB3D);
    assertThat(JournalFormat.crc32Be(-1, check)).isEqualTo(0x0376E6E7);
  }
}
