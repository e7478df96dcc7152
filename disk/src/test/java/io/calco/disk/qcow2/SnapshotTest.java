package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.FormatInfo;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.InternalSnapshots;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Internal snapshots, made, applied and deleted by QEMU and by us in turns.
class SnapshotTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  static Stream<String> layouts() {
    return Images.LAYOUTS.stream().filter(layout -> !layout.contains("refcount_bits=1"));
  }

  /// The image as it should be.
  private static final class Model {
    byte[] active = new byte[SIZE];
    final Map<String, byte[]> snapshots = new LinkedHashMap<>();
    int named;
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void takesTurnsWithQemu(String layout) {
    Seeds.run(1, random -> takeTurns(layout, random));
  }

  private void takeTurns(String layout, Random random) throws IOException {
    Path path = dir.resolve("image-%x.qcow2".formatted(random.nextInt()));
    Images.create(path, SIZE, layout, Optional.empty());
    int most = layout.contains("refcount_bits=2") ? 1 : 4;
    Model model = new Model();
    for (int turn = 0; turn < 8; turn++) {
      write(path, model, random, !layout.contains("0.10"));
      List<String> names = new ArrayList<>(model.snapshots.keySet());
      int choice =
          names.isEmpty() ? 0 : names.size() < most ? random.nextInt(3) : 1 + random.nextInt(2);
      String name = names.isEmpty() ? "" : names.get(random.nextInt(names.size()));
      boolean ours = random.nextBoolean();
      switch (choice) {
        case 1 -> {
          apply(path, name, ours);
          model.active = model.snapshots.get(name).clone();
        }
        case 2 -> {
          delete(path, name, ours);
          model.snapshots.remove(name);
        }
        default -> {
          String fresh = "snap " + model.named++;
          create(path, fresh, ours);
          model.snapshots.put(fresh, model.active.clone());
        }
      }
      assertHolds(path, model);
    }
  }

  private static void create(Path path, String name, boolean ours) throws IOException {
    if (ours) {
      try (Image image = Images.open(path, ImageOptions.Access.EDIT)) {
        FormatInfo.Snapshot made = image.snapshots().orElseThrow().create(name);
        assertThat(made.name()).isEqualTo(name);
      }
    } else {
      Qemu.img().run("snapshot", "-c", name, path).succeeds();
    }
  }

  private static void apply(Path path, String name, boolean ours) throws IOException {
    if (ours) {
      try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
        image.snapshots().orElseThrow().apply(name);
      }
    } else {
      Qemu.img().run("snapshot", "-a", name, path).succeeds();
    }
  }

  private static void delete(Path path, String name, boolean ours) throws IOException {
    if (ours) {
      try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
        image.snapshots().orElseThrow().delete(name);
      }
    } else {
      Qemu.img().run("snapshot", "-d", name, path).succeeds();
    }
  }

  private static void write(Path path, Model model, Random random, boolean resizes)
      throws IOException {
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      for (int i = 0; i < 6; i++) {
        int offset = random.nextInt(model.active.length);
        int length = 1 + random.nextInt(Math.min(model.active.length - offset, 100_000));
        if (random.nextInt(4) == 0) {
          image.disk().writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          Arrays.fill(model.active, offset, offset + length, (byte) 0);
        } else {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          image.disk().writeBytes(offset, bytes);
          System.arraycopy(bytes, 0, model.active, offset, length);
        }
      }
      if (resizes && random.nextInt(4) == 0) {
        int size = SIZE / 2 + random.nextInt(SIZE) / 512 * 512;
        image.disk().resize(size);
        model.active = Arrays.copyOf(model.active, size);
      }
    }
  }

  /// QEMU reads a snapshot in the size that the disk has now.
  private static void assertHolds(Path path, Model model) throws IOException {
    Oracle.Run check = Qemu.img().run("check", "--output", "json", path);
    check.succeeds();
    Qcow2OracleTest.assertSameCheck(path);
    assertThat(Images.difference(Images.read(path), model.active)).isEqualTo(-1);
    assertThat(Images.difference(Qemu.read(path), model.active)).isEqualTo(-1);
    for (Map.Entry<String, byte[]> kept : model.snapshots.entrySet()) {
      byte[] ours = Images.readSnapshot(path, kept.getKey());
      assertThat(Images.difference(ours, kept.getValue())).isEqualTo(-1);
      byte[] theirs = Qemu.read(path, "-l", "snapshot.name=" + kept.getKey());
      int common = Math.min(theirs.length, kept.getValue().length);
      assertThat(Arrays.mismatch(theirs, 0, common, kept.getValue(), 0, common)).isEqualTo(-1);
    }
    try (Image image = Images.open(path, ImageOptions.Access.METADATA)) {
      List<FormatInfo.Snapshot> listed = image.snapshots().orElseThrow().list();
      assertThat(listed)
          .extracting(FormatInfo.Snapshot::name)
          .containsExactlyElementsOf(model.snapshots.keySet());
      assertThat(listed).extracting(FormatInfo.Snapshot::id).doesNotHaveDuplicates();
    }
  }

  /// A disk goes on being used after each change, without opening the image anew.
  @Test
  void changesUnderAnOpenDisk() throws IOException {
    Path path = dir.resolve("open.qcow2");
    Images.create(path, SIZE, "cluster_size=4096", Optional.empty());
    byte[] one = new byte[100_000];
    Arrays.fill(one, (byte) 1);
    byte[] two = new byte[100_000];
    Arrays.fill(two, (byte) 2);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      InternalSnapshots snapshots = image.snapshots().orElseThrow();
      image.disk().writeBytes(5000, one);
      snapshots.create("one");
      image.disk().writeBytes(5000, two);
      snapshots.create("two");
      image.disk().resize(2 * SIZE);
      image.disk().writeBytes(SIZE + 5000, two);
      snapshots.apply("one");
      assertThat(image.disk().size()).isEqualTo(SIZE);
      assertThat(image.disk().readBytes(5000, one.length)).isEqualTo(one);
      snapshots.delete("one");
      image.disk().writeBytes(0, new byte[5001]);
      snapshots.apply("2");
      assertThat(image.disk().readBytes(5000, two.length)).isEqualTo(two);
      assertThatThrownBy(() -> snapshots.create("2"))
          .isInstanceOf(UnsupportedFeatureException.class);
      assertThatThrownBy(() -> snapshots.apply("one"))
          .isInstanceOf(UnsupportedFeatureException.class);
      snapshots.delete("two");
    }
    Qemu.img().run("check", path).succeeds();
  }

  @Test
  void refcountsOfOneBitCannotShare() throws IOException {
    Path path = dir.resolve("narrow.qcow2");
    Images.create(path, SIZE, "refcount_bits=1,cluster_size=4096", Optional.empty());
    byte[] bytes = new byte[SIZE / 2];
    Arrays.fill(bytes, (byte) 7);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      image.disk().writeBytes(0, bytes);
      assertThatThrownBy(() -> image.snapshots().orElseThrow().create("x"))
          .isInstanceOf(LimitExceededException.class);
      image.disk().writeBytes(SIZE / 4, bytes);
    }
    Qemu.img().run("check", path).succeeds();
    assertThat(Qemu.read(path)).startsWith(bytes);
  }

  @Test
  void namesAreBounded() throws IOException {
    Path path = dir.resolve("names.qcow2");
    Images.create(path, SIZE, "cluster_size=512", Optional.empty());
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      InternalSnapshots snapshots = image.snapshots().orElseThrow();
      for (String bad : List.of("", "a\0b", "x".repeat(256))) {
        assertThatThrownBy(() -> snapshots.create(bad))
            .isInstanceOf(UnsupportedFeatureException.class);
      }
      for (int i = 0; i < 30; i++) {
        snapshots.create("ñ".repeat(100) + i);
      }
    }
    Qemu.img().run("check", path).succeeds();
    Qemu.img().run("snapshot", "-l", path).succeeds().says("ñ29");
  }
}
