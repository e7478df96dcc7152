package io.calco.disk.vhdx;

import static io.calco.disk.vhdx.Images.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CreateOptions;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that QEMU made, read and changed by us; images that we made, read and changed by QEMU.
class VhdxOracleTest {
  private static final int SIZE = 21 << 20;

  @TempDir Path dir;

  private static Oracle qemu() {
    return Oracle.named("qemu-img");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "subformat=dynamic",
        "block_size=1M",
        "block_size=2M,block_state_zero=off",
        "block_size=32M,log_size=4M",
        "block_size=256M",
        "subformat=fixed,block_size=1M",
        "subformat=fixed"
      })
  void readsAndChangesWhatQemuWrote(String options) {
    Seeds.run(
        1,
        random -> {
          Path image = dir.resolve("qemu.vhdx");
          qemu().run("create", "-f", "vhdx", "-o", options, image, SIZE).succeeds();
          List<Object> words = new ArrayList<>(List.of("-f", "vhdx"));
          for (int i = 0; i < 12; i++) {
            int at = random.nextInt(SIZE / 512) * 512;
            int length = Math.min(SIZE - at, (1 + random.nextInt(4000)) * 512);
            words.add("-c");
            words.add("write -P %d %d %d".formatted(1 + random.nextInt(255), at, length));
          }
          words.add(image);
          Oracle.named("qemu-io").run(words.toArray()).succeeds();
          byte[] content = Images.qemuReads(image);
          assertSame(Images.read(image), content);
          assertThat(Images.verify(image).corruptions()).isZero();
          writeRandomly(image, content, random);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "block_size=1M",
        "block_size=64M,log_size=3M",
        "block_size=256M",
        "subformat=fixed",
        "subformat=fixed,block_size=1M"
      })
  void writesWhatQemuReads(String options) {
    Seeds.run(
        1,
        random -> {
          Path image = dir.resolve("ours.vhdx");
          Images.create(image, SIZE + 12345, options);
          byte[] content = Images.read(image);
          assertThat(content).hasSize(SIZE + 12800);
          assertSame(content, new byte[content.length]);
          writeRandomly(image, content, random);
        });
  }

  /// Changes an image at random beside a model, then asks QEMU, which then writes itself.
  private static void writeRandomly(Path image, byte[] before, Random random) throws IOException {
    byte[] model = before;
    for (int session = 0; session < 3; session++) {
      try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < 16; i++) {
          model = Images.change(open.disk(), model, random);
        }
        if (random.nextBoolean()) {
          int size = model.length + (1 + random.nextInt(6000)) * 512;
          open.disk().resize(size);
          model = Arrays.copyOf(model, size);
        }
        assertThat(open.verify(JobContext.SILENT).corruptions()).isZero();
      }
      qemu().run("check", "-f", "vhdx", image).succeeds();
      assertSame(Images.read(image), model);
      assertSame(Images.qemuReads(image), model);
      int at = random.nextInt(model.length / 512 - 3000) * 512;
      Oracle.named("qemu-io")
          .run("-f", "vhdx", "-c", "write -P 17 %d 1000k".formatted(at), image)
          .succeeds();
      Arrays.fill(model, at, at + 1_024_000, (byte) 17);
      assertSame(Images.read(image), model);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {512, 5 << 20, 1L << 30, (1L << 30) + 512, 101L << 30, 33L << 40, 64L << 40})
  void takesTheBlockSizesThatQemuTakes(long size) throws IOException {
    Path theirs = dir.resolve("theirs.vhdx");
    Path ours = dir.resolve("ours.vhdx");
    qemu().run("create", "-f", "vhdx", theirs, size).succeeds();
    Images.create(ours, size, "");
    assertThat(info(ours, "virtual-size")).isEqualTo(info(theirs, "virtual-size"));
    assertThat(info(ours, "cluster-size")).isEqualTo(info(theirs, "cluster-size"));
    try (Image image = Images.open(theirs, ImageOptions.Access.READ)) {
      assertThat(image.disk().size()).isEqualTo(size);
      assertThat(image.info().clusterSize().orElseThrow().longValue())
          .isEqualTo(info(ours, "cluster-size"));
      assertThat(image.disk().extentAt(0, size).length()).isEqualTo(size);
    }
  }

  private static long info(Path image, String key) {
    String json = qemu().run("info", "-f", "vhdx", "--output", "json", image).succeeds().out();
    return Long.parseLong(json.replaceAll("(?s).*\"%s\": (\\d+).*".formatted(key), "$1"));
  }

  /// Two chunks of blocks and the entries of sector bitmaps between them.
  @ParameterizedTest
  @ValueSource(strings = {"block_size=1M", "block_size=8M"})
  void findsBlocksOfLaterChunks(String options) throws IOException {
    long size = 13L << 30;
    Path theirs = dir.resolve("theirs.vhdx");
    Path ours = dir.resolve("ours.vhdx");
    qemu().run("create", "-f", "vhdx", "-o", options, theirs, size).succeeds();
    Images.create(ours, size, options);
    long[] places = {0, (4L << 30) - 512, 4L << 30, (8L << 30) - 512, 8L << 30, size - 1024};
    for (Path image : List.of(theirs, ours)) {
      try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < places.length; i++) {
          byte[] sectors = new byte[1024];
          Arrays.fill(sectors, (byte) (i + 1));
          open.disk().writeBytes(places[i], sectors);
        }
      }
      List<Object> words = new ArrayList<>(List.of("-f", "vhdx"));
      for (int i = 0; i < places.length; i++) {
        words.add("-c");
        words.add("read -P %d %d 512".formatted(i + 1, places[i]));
      }
      words.add(image);
      String said = Oracle.named("qemu-io").run(words.toArray()).succeeds().out();
      assertThat(said).doesNotContain("verification failed");
      qemu().run("check", "-f", "vhdx", image).succeeds();
      assertThat(Images.verify(image).clean()).isTrue();
    }
    qemu().run("compare", "-f", "vhdx", "-F", "vhdx", theirs, ours).succeeds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "block_size=1M", "block_size=256M", "subformat=fixed", "log_size=2M"})
  void laysOutWhatQemuReads(String options) throws IOException {
    Path source = dir.resolve("source.raw");
    byte[] content = new byte[(9 << 20) + 1536];
    new Random(7).nextBytes(content);
    Arrays.fill(content, 1 << 20, 7 << 20, (byte) 0);
    Files.write(source, content);
    Path image = dir.resolve("laid-out.vhdx");
    try (Image raw = Image.open(source, ImageOptions.reading().withFormat("raw"));
        HostFile file =
            new VhdxFormat()
                .layOut(
                    raw.disk(),
                    new CreateOptions(content.length, Optional.empty(), Images.options(options)))) {
      copy(file, image);
    }
    qemu().run("check", "-f", "vhdx", image).succeeds();
    assertSame(Images.qemuReads(image), content);
    assertSame(Images.read(image), content);
    assertThat(Images.verify(image).clean()).isTrue();
    writeRandomly(image, content, new Random(5));
  }

  private static void copy(HostFile from, Path to) throws IOException {
    byte[] bytes = new byte[77_777];
    try (var channel =
        java.nio.channels.FileChannel.open(
            to,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.WRITE)) {
      for (long at = 0; at < from.size(); at += bytes.length) {
        int length = (int) Math.min(bytes.length, from.size() - at);
        from.read(at, MemorySegment.ofArray(bytes).asSlice(0, length));
        channel.write(java.nio.ByteBuffer.wrap(bytes, 0, length), at);
      }
    }
  }

  /// QEMU knows no such sectors; libvhdi does.
  @Test
  void largeSectorsAreReadAsLibvhdiReadsThem() {
    Seeds.run(
        1,
        random -> {
          Path image = dir.resolve("large.vhdx");
          Images.create(image, SIZE, "logical_sector_size=4096,block_size=1M");
          byte[] model = Images.read(image);
          try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
            for (int i = 0; i < 16; i++) {
              model = Images.change(open.disk(), model, random);
            }
          }
          assertSame(Images.read(image), model);
          assertSame(Images.libvhdiReads(image, 0), model);
          assertThat(Images.verify(image).corruptions()).isZero();
        });
  }
}
