package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is in use, what is free, and that nothing is left in what is free.
class SpaceTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);
  private static final Pattern FREE = Pattern.compile("Free blocks: ([-0-9, ]*)\n");

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 1024 -g 8192",
        "-t ext4 -b 4096",
        "-t ext2 -b 1024",
        "-t ext4 -b 1024 -O bigalloc -C 16384",
        "-t ext4 -b 2048 -O ^metadata_csum,uninit_bg -g 4096",
        "-t ext4 -b 1024 -O ^resize_inode,meta_bg"
      })
  void usedRunsAreAllButDumpe2fsFreeBlocks(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 64, options.split(" "));
    if (!options.contains("bigalloc")) {
      image.write(fs -> fs.write("/file", new byte[3_000_000], ATTRIBUTES));
    }
    image.read(fs -> {
      FileSystemFacts facts = fs.facts();
      int blocks = (int) (facts.size() / facts.blockSize());
      BitSet used = new BitSet(blocks);
      fs.usedRuns((offset, length) -> {
        assertThat(used.get((int) (offset / facts.blockSize()))).isFalse();
        used.set((int) (offset / facts.blockSize()), (int) ((offset + length) / facts.blockSize()));
      });
      BitSet expected = new BitSet(blocks);
      expected.set(0, blocks);
      Matcher free = FREE.matcher(Oracle.named("dumpe2fs").run(image.path()).succeeds().out());
      while (free.find()) {
        clear(expected, free.group(1), options.contains("bigalloc") ? 16 : 1);
      }
      assertThat(used).isEqualTo(expected);
      assertThat(facts.free()).isEqualTo((long) (blocks - used.cardinality()) * facts.blockSize());
    });
  }

  /// @param cluster blocks in a cluster: dumpe2fs names clusters by their first block
  private static void clear(BitSet blocks, String ranges, int cluster) {
    for (String range : ranges.split(", ")) {
      if (!range.isBlank()) {
        String[] ends = range.trim().split("-");
        blocks.clear(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + cluster);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-t ext4 -b 1024", "-t ext3 -b 4096", "-t ext4 -b 4096 -O inline_data"})
  void trimLeavesNothingOfDeletedFiles(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 8, options.split(" "));
    byte[] content = "a secret in a file ".repeat(3000).getBytes(StandardCharsets.US_ASCII);
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      fs.write("/d/secretname", content, ATTRIBUTES);
      fs.write("/d/small", "a secret".getBytes(StandardCharsets.US_ASCII), ATTRIBUTES);
      fs.setExtendedAttribute(
          "/d/small",
          "user.s",
          Optional.of("secret too".repeat(60).getBytes(StandardCharsets.US_ASCII)));
      fs.createLink("/d/link", "secret".repeat(3), ATTRIBUTES);
      fs.createLink("/d/longlink", "secret".repeat(30), ATTRIBUTES);
    });
    assertThat(secrets(image)).isTrue();
    image.write(fs -> {
      for (String name : new String[] {"secretname", "small", "link", "longlink"}) {
        fs.delete("/d/" + name);
      }
      assertThat(fs.trim()).isPositive();
    });
    assertThat(secrets(image)).isFalse();
    image.check();
  }

  private static boolean secrets(ExtImage image) throws IOException {
    return Files.readString(image.path(), StandardCharsets.ISO_8859_1).contains("secret");
  }

  @Test
  void factsAreBlkids() throws IOException {
    for (String type : new String[] {"ext2", "ext3", "ext4"}) {
      ExtImage image = ExtImage.make(directory, 8, "-t", type, "-L", "the root");
      String blkid = Oracle.named("blkid").run("-p", "-o", "full", image.path()).succeeds().out();
      image.read(fs -> {
        FileSystemFacts facts = fs.facts();
        assertThat(blkid)
            .contains("TYPE=\"" + facts.type() + "\"")
            .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
            .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
        assertThat(facts.clean()).isTrue();
      });
      assertThat(FileSystems.probe(FileDisk.readOnly(image.path())).orElseThrow().name())
          .isEqualTo("ext");
    }
  }
}
