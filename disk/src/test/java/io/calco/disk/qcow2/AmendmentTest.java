package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CreateOptions;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images whose options are changed, checked by QEMU.
class AmendmentTest {
  private static final int SIZE = 2 << 20;

  @TempDir Path dir;

  private Path scribbled(String layout, Random random, boolean overlay) throws IOException {
    Path base = dir.resolve("base.qcow2");
    Path path = dir.resolve("image.qcow2");
    Files.deleteIfExists(base);
    Files.deleteIfExists(path);
    Images.create(base, SIZE, "cluster_size=65536", Optional.empty());
    scribble(base, random);
    Images.create(path, SIZE, layout, overlay ? Optional.of(base) : Optional.empty());
    scribble(path, random);
    return path;
  }

  private static void scribble(Path path, Random random) throws IOException {
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      for (int i = 0; i < 10; i++) {
        int offset = random.nextInt(SIZE - 200_000);
        byte[] bytes = new byte[1 + random.nextInt(100_000)];
        random.nextBytes(bytes);
        image.disk().writeBytes(offset, bytes);
        ZeroMode mode = random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
        image.disk().writeZeroes(random.nextInt(SIZE - 200_000), 200_000, mode);
      }
    }
  }

  private static void amend(Path path, String options) throws IOException {
    Image.amend(
        path,
        ImageOptions.reading().withFormat("qcow2"),
        Images.options(options),
        JobContext.SILENT);
  }

  private static void assertHolds(Path path, byte[] content) throws IOException {
    Oracle.Run check = Qemu.img().run("check", "--output", "json", path).succeeds();
    assertThat(Qemu.number(check.out(), "leaks")).isZero();
    Qcow2OracleTest.assertSameCheck(path);
    assertThat(Images.difference(Qemu.read(path), content)).isEqualTo(-1);
    assertThat(Images.difference(Images.read(path), content)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void versionsThereAndBack(boolean overlay) {
    Seeds.run(
        2,
        random -> {
          Path path = scribbled("cluster_size=4096", random, overlay);
          byte[] content = Images.read(path);
          amend(path, "compat=0.10");
          Qemu.img().run("info", path).succeeds().says("compat: 0.10");
          assertHolds(path, content);
          scribble(path, random);
          byte[] changed = Images.read(path);
          try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
            image.snapshots().orElseThrow().create("s");
          }
          Qemu.img().run("snapshot", "-c", "t", path).succeeds();
          amend(path, "compat=1.1,lazy_refcounts=on,refcount_bits=64");
          Qemu.img()
              .run("info", path)
              .succeeds()
              .says("compat: 1.1")
              .says("lazy refcounts: true")
              .says("refcount bits: 64");
          assertHolds(path, changed);
          assertThat(Images.difference(Qemu.read(path, "-l", "s"), changed)).isEqualTo(-1);
        });
  }

  @Test
  void refcountsOfAnyWidth() {
    Seeds.run(
        1,
        random -> {
          Path path = scribbled("cluster_size=512", random, false);
          for (int bits : new int[] {1, 64, 2, 8, 32, 4, 16}) {
            byte[] content = Images.read(path);
            amend(path, "refcount_bits=" + bits);
            Qemu.img().run("info", path).succeeds().says("refcount bits: " + bits);
            assertHolds(path, content);
            scribble(path, random);
            assertHolds(path, Images.read(path));
          }
          try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
            image.snapshots().orElseThrow().create("s");
          }
          assertThatThrownBy(() -> amend(path, "refcount_bits=1"))
              .isInstanceOf(DiskException.class);
          assertHolds(path, Images.read(path));
        });
  }

  @Test
  void refusals() throws IOException {
    Path path = scribbled("cluster_size=16384,extended_l2=on", new Random(1), false);
    byte[] before = Files.readAllBytes(path);
    for (String bad :
        new String[] {
          "compat=0.10",
          "cluster_size=65536",
          "extended_l2=off",
          "compression_type=zstd",
          "preallocation=full",
          "data_file=x",
          "nonsense=1",
          "refcount_bits=3"
        }) {
      assertThatThrownBy(() -> amend(path, bad)).as(bad).isInstanceOf(DiskException.class);
    }
    assertThat(Images.difference(Files.readAllBytes(path), before)).isEqualTo(-1);
    amend(path, "cluster_size=16384,extended_l2=on,compression_type=zlib");
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "metadata", "falloc", "full"})
  void preallocationTakesTheHostsSpace(String mode) throws IOException {
    Path path = dir.resolve("space.qcow2");
    Images.create(path, SIZE, "preallocation=" + mode, Optional.empty());
    boolean takes = mode.equals("falloc") || mode.equals("full");
    try (Image image = Images.open(path, ImageOptions.Access.READ)) {
      assertThat(image.allocatedSize() >= SIZE).isEqualTo(takes);
    }
    assertHolds(path, new byte[SIZE]);
    if (!mode.equals("metadata")) {
      Path raw = dir.resolve("space.raw");
      Image.create(
          raw, "raw", new CreateOptions(SIZE, Optional.empty(), Map.of("preallocation", mode)));
      try (Image image = Image.open(raw, ImageOptions.reading().withFormat("raw"))) {
        assertThat(image.allocatedSize() >= SIZE).isEqualTo(takes);
        assertThat(image.disk().size()).isEqualTo(SIZE);
      }
    }
  }
}
