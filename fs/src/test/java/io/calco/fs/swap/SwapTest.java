package io.calco.fs.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Areas that mkswap made; blkid judges what we say of them, and what we write.
class SwapTest {
  private static final UUID OTHER = UUID.fromString("01234567-89ab-4cde-8f01-23456789abcd");

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path make(String... options) throws IOException {
    Path image = Files.createTempFile(directory, "swap", ".img");
    try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), (8 << 20) - 1);
    }
    Object[] words = new Object[options.length + 1];
    System.arraycopy(options, 0, words, 0, options.length);
    words[options.length] = image;
    Oracle.named("mkswap").run(words).succeeds();
    return image;
  }

  private static void assertFacts(Path image) throws IOException {
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image).succeeds().out();
    try (Disk disk = FileDisk.readOnly(image)) {
      FileSystemFacts facts = Swap.find(disk).orElseThrow().facts();
      assertThat(blkid)
          .contains("TYPE=\"" + facts.type() + "\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.size()).isEqualTo(8 << 20);
      assertThat(FileSystems.probe(disk)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 16_384, 65_536})
  void uuidIsChangedAndLabelKept(int page) throws IOException {
    Path image = make("-L", "my swap", "-p", Integer.toString(page));
    assertFacts(image);
    try (Disk disk = FileDisk.writable(image)) {
      Swap swap = Swap.find(disk).orElseThrow();
      swap.setUuid(OTHER);
      swap.usedRuns((offset, length) -> {
        assertThat(offset).isZero();
        assertThat(length).isEqualTo(page);
      });
    }
    assertFacts(image);
    assertThat(Oracle.named("blkid").run("-p", image).out()).contains(OTHER.toString());
  }

  @Test
  void nothingElseIsSwap() throws IOException {
    byte[] image = Files.readAllBytes(make("-L", "x"));
    byte[] suspended = image.clone();
    System.arraycopy("S1SUSPEND\0".getBytes(StandardCharsets.US_ASCII), 0, suspended, 4086, 10);
    assertThat(find(suspended)).isFalse();
    assertThat(find(new byte[0])).isFalse();
    assertThat(find(new byte[4095])).isFalse();
    Seeds.run(
        200,
        random -> {
          byte[] mutated = image.clone();
          for (int i = 0; i < 4; i++) {
            mutated[random.nextInt(4096)] = (byte) random.nextInt(256);
          }
          find(mutated);
        });
  }

  private static boolean find(byte[] image) throws IOException {
    try (Disk disk = Disk.owning(new MemoryDriver(image))) {
      var swap = Swap.find(disk);
      if (swap.isPresent()) {
        assertThat(swap.get().facts().size()).isLessThanOrEqualTo(image.length);
      }
      return swap.isPresent();
    }
  }
}
