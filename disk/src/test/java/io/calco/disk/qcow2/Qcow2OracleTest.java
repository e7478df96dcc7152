package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CompressedWrites;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.UnitPacker;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Images that QEMU made, read by us; images that we made, read and checked by QEMU.
class Qcow2OracleTest {
  private static final int SIZE = 3 << 20;

  @TempDir Path dir;

  static Stream<String> layouts() {
    return Images.LAYOUTS.stream();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void readsWhatQemuWrote(String layout) {
    Seeds.run(1, random -> readQemuImage(layout, random));
  }

  private void readQemuImage(String layout, Random random) throws IOException {
    Path base = dir.resolve("base.qcow2");
    Path image = dir.resolve("image.qcow2");
    String plain = layout.replace(",preallocation=metadata", "");
    Qemu.img().run("create", "-f", "qcow2", "-o", plain, base, "2M").succeeds();
    Qemu.io(base, operations(random, 2 << 20, layout));
    Qemu.img()
        .run("create", "-f", "qcow2", "-F", "qcow2", "-b", base, "-o", plain, image, SIZE)
        .succeeds();
    Qemu.io(image, operations(random, SIZE, layout));
    boolean counts = !layout.contains("refcount_bits=1,") && !layout.endsWith("refcount_bits=1");
    if (counts) {
      Qemu.img().run("snapshot", "-c", "first", image).succeeds();
      Qemu.io(image, operations(random, SIZE, layout));
      Qemu.img().run("snapshot", "-c", "second", image).succeeds();
      Qemu.io(image, operations(random, SIZE, layout));
    }
    assertThat(Images.difference(Images.read(image), Qemu.read(image))).isEqualTo(-1);
    assertSameCheck(image);
    if (counts) {
      byte[] first = Qemu.read(image, "-l", "first");
      assertThat(Images.difference(Images.readSnapshot(image, "first"), first)).isEqualTo(-1);
      writeRandomly(image, random, Images.read(image), false);
      assertThat(Images.difference(Qemu.read(image, "-l", "first"), first)).isEqualTo(-1);
    }
  }

  /// Writes, zeroes, discards and compressed writes, as qemu-io's commands.
  private static List<String> operations(Random random, int size, String layout) {
    int cluster = clusterSize(layout);
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int at = random.nextInt(size / 512) * 512;
      int length = Math.min(size - at, (1 + random.nextInt(400)) * 512);
      int pattern = 1 + random.nextInt(255);
      int clusterAt = random.nextInt(Math.max(1, size / cluster)) * cluster;
      commands.add(
          switch (random.nextInt(5)) {
            case 0 -> "write -z %d %d".formatted(at, length);
            case 1 -> "discard %d %d".formatted(at, length);
            case 2 -> "write -z -u %d %d".formatted(clusterAt, Math.min(cluster, size - clusterAt));
            case 3 -> "write -P %d %d %d".formatted(pattern, at, length);
            default -> "write -P %d %d %d".formatted(pattern, clusterAt, cluster / 2);
          });
    }
    commands.add("write -c -P %d %d %d".formatted(7, freshCluster(random, size, cluster), cluster));
    return commands.reversed();
  }

  private static int freshCluster(Random random, int size, int cluster) {
    return random.nextInt(size / cluster) * cluster;
  }

  private static int clusterSize(String layout) {
    String size = Images.options(layout).getOrDefault("cluster_size", "65536");
    return size.equals("2M") ? 2 << 20 : Integer.parseInt(size);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void writesWhatQemuReads(String layout) {
    Seeds.run(2, random -> writeOurImage(layout, random));
  }

  private void writeOurImage(String layout, Random random) throws IOException {
    Path base = dir.resolve("ours-base-%x.qcow2".formatted(random.nextInt()));
    Path image = base.resolveSibling(base.getFileName() + ".top");
    Images.create(base, 1 << 20, layout, Optional.empty());
    byte[] below = writeRandomly(base, random, new byte[1 << 20], true);
    boolean prealloc = layout.contains("preallocation");
    Images.create(image, SIZE, layout, prealloc ? Optional.empty() : Optional.of(base));
    writeRandomly(image, random, prealloc ? new byte[SIZE] : Arrays.copyOf(below, SIZE), true);
  }

  /// Changes an image at random beside a model, then asks QEMU.
  private static byte[] writeRandomly(Path image, Random random, byte[] before, boolean resizes)
      throws IOException {
    byte[] model = before;
    for (int session = 0; session < 3; session++) {
      try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < 25; i++) {
          model = change(open, model, random, resizes);
        }
      }
      Oracle.Run check = Qemu.img().run("check", "--output", "json", image);
      check.succeeds();
      assertThat(Qemu.number(check.out(), "leaks")).isZero();
      assertSameCheck(image);
      assertThat(Images.difference(Images.read(image), model)).isEqualTo(-1);
      assertThat(Images.difference(Qemu.read(image), model)).isEqualTo(-1);
    }
    return model;
  }

  private static byte[] change(Image image, byte[] model, Random random, boolean resizes)
      throws IOException {
    int offset = random.nextInt(model.length);
    int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(20)));
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        image.disk().writeBytes(offset, bytes);
        System.arraycopy(bytes, 0, model, offset, length);
      }
      case 3 -> {
        ZeroMode mode = random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
        image.disk().writeZeroes(offset, length, mode);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 4 -> {
        image.disk().discard(offset, length);
        System.arraycopy(image.disk().readBytes(offset, length), 0, model, offset, length);
      }
      case 5 -> {
        int size = SIZE / 2 + random.nextInt(SIZE) / 512 * 512;
        if (resizes && random.nextInt(3) == 0) {
          image.disk().resize(size);
          return Arrays.copyOf(model, size);
        }
        image.disk().flush();
      }
      default -> compress(image, model, offset, random);
    }
    return model;
  }

  private static void compress(Image image, byte[] model, int offset, Random random)
      throws IOException {
    UnitPacker packer = CompressedWrites.packer(image);
    int unit = packer.unitLength();
    int at = offset / unit * unit;
    byte[] bytes = new byte[unit];
    byte[] word = new byte[40];
    random.nextBytes(word);
    for (int i = 0; i < unit; i++) {
      bytes[i] = word[random.nextInt(20) == 0 ? 0 : i % word.length];
    }
    int length = Math.min(unit, model.length - at);
    Arrays.fill(bytes, length, unit, (byte) 0);
    MemorySegment packed = packer.pack(MemorySegment.ofArray(bytes)).orElseThrow();
    CompressedWrites.write(image, at, packed);
    System.arraycopy(bytes, 0, model, at, length);
  }

  /// Our verification counts what QEMU's does.
  static void assertSameCheck(Path image) throws IOException {
    assertSameCheck(image, Qemu.img().run("check", "--output", "json", image));
  }

  /// Our verification counts what this run of QEMU's did.
  static void assertSameCheck(Path image, Oracle.Run check) throws IOException {
    check.exits(0, 2, 3);
    VerifyReport ours = Images.verify(image);
    assertThat(ours.findings()).hasSize((int) (ours.corruptions() + ours.leaks()));
    List<Long> theirs = new ArrayList<>();
    for (String key :
        List.of(
            "corruptions",
            "leaks",
            "check-errors",
            "image-end-offset",
            "total-clusters",
            "allocated-clusters",
            "fragmented-clusters",
            "compressed-clusters")) {
      theirs.add(Qemu.number(check.out(), key));
    }
    assertThat(
            List.of(
                ours.corruptions(),
                ours.leaks(),
                ours.checkErrors(),
                ours.imageEndOffset(),
                ours.totalClusters(),
                ours.allocatedClusters(),
                ours.fragmentedClusters(),
                ours.compressedClusters()))
        .as(check.out())
        .isEqualTo(theirs);
  }
}
