package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DirtyBitmaps.DirtyBitmap;
import io.calco.disk.DirtyBitmaps.Recording;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RecordedFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Dirty bitmaps, made and followed by QEMU and by us in turns.
class DirtyBitmapTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path dir;

  static Stream<String> layouts() {
    return Stream.of(
        "cluster_size=65536",
        "cluster_size=512",
        "cluster_size=4096,refcount_bits=1",
        "cluster_size=2M",
        "cluster_size=16384,extended_l2=on");
  }

  /// What may be marked, and what must.
  private static final class Model {
    byte[] content = new byte[SIZE];
    BitSet changed = new BitSet();
    BitSet touched = new BitSet();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void followWhatIsWritten(String layout) {
    Seeds.run(1, random -> follow(layout, random));
  }

  private void follow(String layout, Random random) throws IOException {
    Path path = dir.resolve("image.qcow2");
    Files.deleteIfExists(path);
    Images.create(path, SIZE, layout, Optional.empty());
    Model model = new Model();
    write(path, model, random, false);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      image.bitmaps().orElseThrow().add("fine", 512, Recording.ENABLED);
      image.bitmaps().orElseThrow().add("resting", 65536, Recording.DISABLED);
    }
    Qemu.img().run("bitmap", "--add", "-g", "32768", path, "theirs").succeeds();
    model.changed.clear();
    model.touched.clear();
    for (int turn = 0; turn < 4; turn++) {
      write(path, model, random, turn > 1);
      Oracle.Run check = Qemu.img().run("check", "--output", "json", path).succeeds();
      assertThat(Qemu.number(check.out(), "leaks")).isZero();
      Qcow2OracleTest.assertSameCheck(path);
      assertBits(path, "fine", 512, model);
      assertBits(path, "theirs", 32768, model);
      assertThat(ours(path, "resting")).isEqualTo(new BitSet());
      assertThat(Images.difference(Images.read(path), model.content)).isEqualTo(-1);
    }
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      DirtyBitmaps bitmaps = image.bitmaps().orElseThrow();
      bitmaps.merge("resting", bitmaps, "fine");
      bitmaps.clear("fine");
      bitmaps.setRecording("fine", Recording.DISABLED);
    }
    Qemu.img().run("bitmap", "--merge", "resting", path, "fine").succeeds();
    assertThat(ours(path, "fine")).isEqualTo(ours(path, "resting"));
    try (Image image = Images.open(path, ImageOptions.Access.EDIT)) {
      for (String name : List.of("fine", "resting", "theirs")) {
        image.bitmaps().orElseThrow().remove(name);
      }
      assertThat(image.bitmaps().orElseThrow().list()).isEmpty();
    }
    Oracle.Run check = Qemu.img().run("check", "--output", "json", path).succeeds();
    assertThat(Qemu.number(check.out(), "leaks")).isZero();
  }

  private static void write(Path path, Model model, Random random, boolean resizes)
      throws IOException {
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      for (int i = 0; i < 8; i++) {
        int offset = random.nextInt(model.content.length);
        int most = Math.min(model.content.length - offset, 1 << random.nextInt(8, 20));
        int length = 1 + random.nextInt(most);
        mark(model.touched, offset, offset + length);
        byte[] before = model.content.clone();
        switch (random.nextInt(5)) {
          case 0 -> image.disk().writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          case 1 -> image.disk().discard(offset, length);
          default -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            image.disk().writeBytes(offset, bytes);
            mark(model.changed, offset, offset + length);
          }
        }
        model.content = image.disk().readBytes(0, model.content.length);
        for (int at = offset; at < offset + length; at++) {
          if (before[at] != model.content[at]) {
            model.changed.set(at / 512);
          }
        }
      }
      if (resizes) {
        int size = SIZE / 2 + random.nextInt(SIZE) / 512 * 512;
        int old = model.content.length;
        image.disk().resize(size);
        model.content = Arrays.copyOf(model.content, size);
        if (size > old) {
          mark(model.touched, old, size);
        }
        model.changed.clear(size / 512, 1 << 20);
      }
    }
  }

  private static void mark(BitSet bits, int from, int to) {
    bits.set(from / 512, (to + 511) / 512);
  }

  private void assertBits(Path path, String name, int granularity, Model model) throws IOException {
    BitSet found = ours(path, name);
    BitSet must = widened(model.changed, granularity, model.content.length);
    must.andNot(found);
    assertThat(must).as("sectors that %s does not have", name).isEqualTo(new BitSet());
    BitSet tooMuch = (BitSet) found.clone();
    tooMuch.andNot(widened(model.touched, granularity, model.content.length));
    assertThat(tooMuch).as("sectors that %s has too many", name).isEqualTo(new BitSet());
    assertThat(theirs(path, name)).isEqualTo(found);
  }

  private static BitSet widened(BitSet sectors, int granularity, int size) {
    BitSet wide = new BitSet();
    int each = granularity / 512;
    sectors.stream().forEach(s -> wide.set(s / each * each, s / each * each + each));
    wide.clear((size + 511) / 512, 1 << 20);
    return wide;
  }

  private static BitSet ours(Path path, String name) throws IOException {
    BitSet sectors = new BitSet();
    try (Image image = Images.open(path, ImageOptions.Access.READ)) {
      image
          .bitmaps()
          .orElseThrow()
          .forEachDirty(
              name, run -> mark(sectors, (int) run.offset(), (int) (run.offset() + run.length())));
    }
    return sectors;
  }

  /// As QEMU exports the bitmap; what is dirty is told as not data.
  private BitSet theirs(Path path, String name) throws IOException {
    Path socket = dir.resolve("nbd.sock");
    Files.deleteIfExists(socket);
    List<String> command =
        List.of(
            Oracle.named("qemu-nbd").program().toString(),
            "-r",
            "-f",
            "qcow2",
            "-B",
            name,
            "-k",
            socket.toString(),
            path.toString());
    Process server =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      while (server.isAlive() && !Files.exists(socket)) {
        Thread.onSpinWait();
      }
      return exported(socket, name);
    } finally {
      ProcessEnd.kill(server);
    }
  }

  private static BitSet exported(Path socket, String name) {
    String export =
        "driver=nbd,server.type=unix,server.path=%s,x-dirty-bitmap=qemu:dirty-bitmap:%s"
            .formatted(socket, name);
    Oracle.Run map = Qemu.img().run("map", "--output", "json", "--image-opts", export).succeeds();
    BitSet sectors = new BitSet();
    Matcher entries =
        Pattern.compile("\"start\": (\\d+), \"length\": (\\d+).*?\"data\": (true|false)")
            .matcher(map.out());
    while (entries.find()) {
      int start = Integer.parseInt(entries.group(1));
      if (entries.group(3).equals("false")) {
        mark(sectors, start, start + Integer.parseInt(entries.group(2)));
      }
    }
    return sectors;
  }

  @Test
  void theImageThatWasNotClosedHasInconsistentBitmaps() throws IOException {
    Path path = dir.resolve("open.qcow2");
    Images.create(path, SIZE, "cluster_size=65536", Optional.empty());
    Path copy = dir.resolve("copy.qcow2");
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      DirtyBitmaps bitmaps = image.bitmaps().orElseThrow();
      bitmaps.add("b", 65536, Recording.ENABLED);
      image.disk().writeBytes(70_000, new byte[] {1});
      assertThat(bitmaps.list())
          .containsExactly(new DirtyBitmap("b", 65536, Recording.ENABLED, true));
      List<DirtyBitmaps.Run> runs = new ArrayList<>();
      bitmaps.forEachDirty("b", runs::add);
      assertThat(runs).containsExactly(new DirtyBitmaps.Run(65536, 65536));
      image.disk().sync();
      Files.copy(path, copy);
    }
    Qemu.img().run("info", copy).succeeds().says("in-use");
    Qemu.img().run("check", copy).succeeds();
    try (Image image = Images.open(copy, ImageOptions.Access.WRITE)) {
      DirtyBitmaps bitmaps = image.bitmaps().orElseThrow();
      assertThat(bitmaps.list().getFirst().consistent()).isFalse();
      assertThatThrownBy(() -> bitmaps.forEachDirty("b", run -> {}))
          .isInstanceOf(UnsupportedFeatureException.class);
      image.disk().writeBytes(0, new byte[] {1});
      bitmaps.remove("b");
    }
    Qemu.img().run("check", copy).succeeds();
  }

  @Test
  void refusals() throws IOException {
    Path path = dir.resolve("image.qcow2");
    Images.create(path, SIZE, "cluster_size=4096", Optional.empty());
    Path old = dir.resolve("old.qcow2");
    Images.create(old, SIZE, "compat=0.10", Optional.empty());
    try (Image image = Images.open(path, ImageOptions.Access.WRITE);
        Image version2 = Images.open(old, ImageOptions.Access.WRITE)) {
      DirtyBitmaps bitmaps = image.bitmaps().orElseThrow();
      bitmaps.add("b", 65536, Recording.ENABLED);
      List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> bad =
          List.of(
              () -> bitmaps.add("b", 65536, Recording.ENABLED),
              () -> bitmaps.add("", 65536, Recording.ENABLED),
              () -> bitmaps.add("c", 256, Recording.ENABLED),
              () -> bitmaps.add("c", 65537, Recording.ENABLED),
              () -> bitmaps.remove("c"),
              () -> bitmaps.clear("c"),
              () -> image.snapshots().orElseThrow().apply("c"),
              () -> version2.bitmaps().orElseThrow().add("b", 65536, Recording.ENABLED));
      for (var call : bad) {
        assertThatThrownBy(call).isInstanceOf(UnsupportedFeatureException.class);
      }
    }
  }

  /// Wherever it is cut, a bitmap that calls itself consistent has all that was written.
  @ParameterizedTest
  @MethodSource("layouts")
  void neverSilentlyBehind(String layout) {
    Seeds.run(1, random -> cutEverywhere(layout, random));
  }

  private void cutEverywhere(String layout, Random random) throws IOException {
    if (layout.endsWith("2M")) {
      return;
    }
    Qcow2Format format = new Qcow2Format();
    int size = 128 << 10;
    MemoryFile created = new MemoryFile();
    format.create(
        created,
        new CreateOptions(size, Optional.empty(), Images.options(layout)),
        Companions.none());
    RecordedFile recorded = new RecordedFile(created.toBytes());
    for (int session = 0; session < 3; session++) {
      OpenedFormat open = format.openOwning(recorded, FormatOpenOptions.readWrite());
      DirtyBitmaps bitmaps = open.bitmaps().orElseThrow();
      open.beginWrites();
      if (session == 0) {
        bitmaps.add("all", 4096, Recording.ENABLED);
      } else {
        bitmaps.add("b" + session, 512, Recording.ENABLED);
      }
      try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
        for (int i = 0; i < 5; i++) {
          int offset = random.nextInt(size - 5000);
          byte[] bytes = new byte[1 + random.nextInt(5000)];
          random.nextBytes(bytes);
          disk.writeBytes(offset, bytes);
          if (random.nextInt(3) == 0) {
            disk.sync();
          }
          if (random.nextInt(8) == 0) {
            disk.resize(size + random.nextInt(size) / 512 * 512);
          }
        }
      }
    }
    MemoryFile cut = new MemoryFile(created.toBytes());
    MemoryFile durable = new MemoryFile(created.toBytes());
    List<RecordedFile.Change> loose = new ArrayList<>();
    for (RecordedFile.Change change : recorded.changes()) {
      change.apply(cut);
      assertTrue(format, cut.toBytes());
      if (change.isSync()) {
        durable = new MemoryFile(cut.toBytes());
        loose.clear();
      } else {
        loose.add(change);
        MemoryFile lossy = new MemoryFile(durable.toBytes());
        loose.stream().filter(c -> random.nextBoolean()).forEach(c -> c.apply(lossy));
        assertTrue(format, lossy.toBytes());
      }
    }
    assertThat(Images.difference(cut.toBytes(), recorded.toBytes())).isEqualTo(-1);
  }

  private static void assertTrue(Qcow2Format format, byte[] image) throws IOException {
    OpenedFormat open = format.openOwning(new MemoryFile(image), FormatOpenOptions.readOnly());
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      VerifyReport report = open.verify(JobContext.SILENT);
      assertThat(report.corruptions() + report.checkErrors()).as("%s", report.findings()).isZero();
      DirtyBitmaps bitmaps = open.bitmaps().orElseThrow();
      List<DirtyBitmap> all = bitmaps.list();
      if (all.isEmpty() || !all.getFirst().consistent()) {
        return;
      }
      byte[] content = disk.readBytes(0, (int) disk.size());
      bitmaps.forEachDirty(
          "all",
          run ->
              Arrays.fill(
                  content, (int) run.offset(), (int) (run.offset() + run.length()), (byte) 0));
      assertThat(Images.difference(content, new byte[content.length])).isEqualTo(-1);
    } catch (DiskException e) {
      throw new AssertionError(e);
    }
  }
}
