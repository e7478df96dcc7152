package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BackingReference;
import io.calco.disk.Commit;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.Rebase;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Overlays put on other images, and committed into theirs, beside QEMU.
class RebaseTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  static Stream<String> layouts() {
    return Images.LAYOUTS.stream().map(layout -> layout.replace(",preallocation=metadata", ""));
  }

  private static ImageOptions options() {
    return ImageOptions.reading().withFormat("qcow2");
  }

  private static Optional<BackingReference> reference(String name) {
    return Optional.of(new BackingReference(name, Optional.of("qcow2")));
  }

  /// base, on it middle, on it top; and other, a copy of base with changes.
  private void makeChain(String layout, Random random) throws IOException {
    Path base = fresh("base");
    Images.create(base, size(random), layout, Optional.empty());
    scribble(base, random);
    Path other = fresh("other");
    Images.create(other, size(random), layout, Optional.empty());
    scribble(other, random);
    Path middle = fresh("middle");
    Images.create(middle, size(random), layout, Optional.of(base));
    scribble(middle, random);
    Path top = fresh("top");
    Images.create(top, size(random), layout, Optional.of(middle));
    scribble(top, random);
  }

  private static int size(Random random) {
    return random.nextBoolean() ? SIZE : SIZE / 2 + random.nextInt(SIZE) / 512 * 512;
  }

  private Path fresh(String name) throws IOException {
    Path path = dir.resolve(name + ".qcow2");
    Files.deleteIfExists(path);
    return path;
  }

  private static void scribble(Path path, Random random) throws IOException {
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      int size = Math.toIntExact(image.disk().size());
      for (int i = 0; i < 6; i++) {
        int offset = random.nextInt(size);
        int length = 1 + random.nextInt(Math.min(size - offset, 60_000));
        if (random.nextInt(3) == 0) {
          image.disk().writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
        } else {
          byte[] bytes = new byte[length];
          Arrays.fill(bytes, (byte) (1 + random.nextInt(200)));
          image.disk().writeBytes(offset, bytes);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void aSafeRebaseKeepsTheGuestsBytes(String layout) {
    Seeds.run(2, random -> rebase(layout, random));
  }

  private void rebase(String layout, Random random) throws IOException {
    makeChain(layout, random);
    Path top = dir.resolve("top.qcow2");
    byte[] before = Images.read(top);
    String[] targets = {"base.qcow2", "other.qcow2", "middle.qcow2"};
    for (int i = 0; i < 3; i++) {
      String target = targets[random.nextInt(targets.length)];
      Rebase.safely(top, options(), reference(target), JobContext.SILENT);
      assertHolds(top, before);
      try (Image image = Images.open(top, ImageOptions.Access.METADATA)) {
        assertThat(image.info().backing()).isEqualTo(reference(target));
      }
    }
    Rebase.safely(top, options(), Optional.empty(), JobContext.SILENT);
    assertHolds(top, before);
    Files.delete(dir.resolve("middle.qcow2"));
    assertHolds(top, before);
  }

  private static void assertHolds(Path image, byte[] content) throws IOException {
    Qemu.img().run("check", image).succeeds();
    assertThat(Images.difference(Images.read(image), content)).isEqualTo(-1);
    assertThat(Images.difference(Qemu.read(image), content)).isEqualTo(-1);
  }

  /// What lies in an image that both chains share is not copied.
  @Test
  void whatIsSharedStaysBelow() throws IOException {
    Images.create(dir.resolve("base.qcow2"), 64L << 20, "cluster_size=65536", Optional.empty());
    try (Image base = Images.open(dir.resolve("base.qcow2"), ImageOptions.Access.WRITE)) {
      byte[] much = new byte[32 << 20];
      Arrays.fill(much, (byte) 3);
      base.disk().writeBytes(0, much);
    }
    Path middle = dir.resolve("middle.qcow2");
    Images.create(middle, 64L << 20, "cluster_size=65536", Optional.of(dir.resolve("base.qcow2")));
    Path top = dir.resolve("top.qcow2");
    Images.create(top, 64L << 20, "cluster_size=65536", Optional.of(middle));
    try (Image image = Images.open(middle, ImageOptions.Access.WRITE)) {
      image.disk().writeBytes(100_000, new byte[] {1, 2, 3});
    }
    byte[] before = Images.read(top);
    Rebase.safely(top, options(), reference("base.qcow2"), JobContext.SILENT);
    assertThat(Files.size(top)).isLessThan(1 << 20);
    assertThat(Images.difference(Images.read(top), before)).isEqualTo(-1);
  }

  @Test
  void refusals() throws IOException {
    makeChain("cluster_size=4096", new Random(1));
    Path top = dir.resolve("top.qcow2");
    Optional<BackingReference> unstated =
        Optional.of(new BackingReference("base.qcow2", Optional.empty()));
    assertThatThrownBy(() -> Rebase.safely(top, options(), unstated, JobContext.SILENT))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("not stated");
    assertThatThrownBy(() -> Rebase.unsafely(top, options(), unstated))
        .isInstanceOf(UnsupportedFeatureException.class);
    Path middle = dir.resolve("middle.qcow2");
    assertThatThrownBy(
            () -> Rebase.safely(middle, options(), reference("top.qcow2"), JobContext.SILENT))
        .isInstanceOfAny(CorruptImageException.class, io.calco.disk.DiskInUseException.class);
    assertThatThrownBy(() ->
            Commit.run(
                dir.resolve("base.qcow2"), options(), Commit.Overlay.KEPT, JobContext.SILENT))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void anUnsafeRebaseNeedsNoImageBelow() throws IOException {
    makeChain("cluster_size=4096", new Random(2));
    Path top = dir.resolve("top.qcow2");
    byte[] before = Images.read(top);
    Files.move(dir.resolve("middle.qcow2"), dir.resolve("moved.qcow2"));
    Rebase.unsafely(top, options(), reference("moved.qcow2"));
    assertHolds(top, before);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void committingGivesWhatQemuGives(String layout) {
    Seeds.run(2, random -> commit(layout, random));
  }

  private void commit(String layout, Random random) throws IOException {
    makeChain(layout, random);
    Path theirs = Files.createDirectories(dir.resolve("theirs"));
    for (String name : new String[] {"base", "middle", "top"}) {
      Path copy = theirs.resolve(name + ".qcow2");
      Files.deleteIfExists(copy);
      Files.copy(dir.resolve(name + ".qcow2"), copy);
    }
    byte[] top = Images.read(dir.resolve("top.qcow2"));
    boolean empty = random.nextBoolean();
    Commit.run(
        dir.resolve("top.qcow2"),
        options(),
        empty ? Commit.Overlay.EMPTIED : Commit.Overlay.KEPT,
        JobContext.SILENT);
    byte[] middle = Images.read(theirs.resolve("middle.qcow2"));
    byte[] expected = Arrays.copyOf(middle, Math.max(middle.length, top.length));
    System.arraycopy(top, 0, expected, 0, top.length);
    // QEMU cannot commit zeroes into version 2
    if (Qemu.img().run("commit", "-f", "qcow2", theirs.resolve("top.qcow2")).exit() == 0) {
      byte[] committed = Qemu.read(theirs.resolve("middle.qcow2"));
      assertThat(Images.difference(committed, expected)).isEqualTo(-1);
    }
    assertHolds(dir.resolve("middle.qcow2"), expected);
    assertHolds(dir.resolve("top.qcow2"), top);
    if (empty) {
      assertThat(Images.verify(dir.resolve("top.qcow2")).allocatedClusters()).isZero();
    }
  }
}
