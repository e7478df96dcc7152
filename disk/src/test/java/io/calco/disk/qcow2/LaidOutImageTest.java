package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.MeasuredSize;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Images that are made as they are read, and sizes that are known before, against QEMU.
class LaidOutImageTest {
  @TempDir Path dir;

  private final Qcow2Format format = new Qcow2Format();

  static Stream<String> layouts() {
    return Images.LAYOUTS.stream();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void qemuTakesWhatIsLaidOut(String all) {
    String layout = all.replace(",preallocation=metadata", "");
    Seeds.run(2, random -> layOut(layout, random));
  }

  private void layOut(String layout, Random random) throws IOException {
    Path raw = dir.resolve("disk.raw");
    byte[] content = new byte[random.nextInt(5 << 20) / 512 * 512];
    for (int i = 0; i < 8 && content.length > 0; i++) {
      int at = random.nextInt(content.length);
      Arrays.fill(
          content, at, at + random.nextInt(Math.min(content.length - at, 300_000)), (byte) 7);
    }
    Files.write(raw, content);
    Path laidOut = dir.resolve("laid-out.qcow2");
    try (Image image = Image.open(raw, ImageOptions.reading().withFormat("raw"));
        HostFile file =
            format.layOut(
                image.disk(),
                new CreateOptions(content.length, Optional.empty(), Images.options(layout)))) {
      byte[] bytes = new byte[Math.toIntExact(file.size())];
      file.read(0, MemorySegment.ofArray(bytes));
      Files.write(laidOut, bytes);
      for (int i = 0; i < 50; i++) {
        int at = random.nextInt(bytes.length);
        byte[] piece = new byte[random.nextInt(Math.min(bytes.length - at, 70_000))];
        file.read(at, MemorySegment.ofArray(piece));
        assertThat(Arrays.equals(piece, 0, piece.length, bytes, at, at + piece.length)).isTrue();
      }
    }
    Qemu.img().run("check", laidOut).succeeds();
    assertThat(Images.verify(laidOut).clean()).isTrue();
    assertThat(Images.difference(Qemu.read(laidOut), content)).isEqualTo(-1);
    assertThat(Images.difference(Images.read(laidOut), content)).isEqualTo(-1);
  }

  @Test
  void refusesWhatCannotBeLaidOut() {
    for (Map<String, String> options :
        List.of(Map.of("preallocation", "full"), Map.of("nonsense", "1"))) {
      CreateOptions create = new CreateOptions(1 << 20, Optional.empty(), options);
      assertThatThrownBy(() -> format.layOut(Disk.blank(1 << 20), create).close())
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void measuresAsQemuDoes(String layout) {
    Seeds.run(3, random -> measure(layout, random));
  }

  private void measure(String layout, Random random) throws IOException {
    long size = random.nextLong(1L << random.nextInt(10, 44)) / 512 * 512;
    CreateOptions options = new CreateOptions(size, Optional.empty(), Images.options(layout));
    Oracle.Run theirs = measureRun(layout, "--size", Long.toString(size));
    try (Disk blank = Disk.blank(size)) {
      if (theirs.exit() != 0) {
        assertThatThrownBy(() -> format.measure(blank, options)).isInstanceOf(DiskException.class);
      } else {
        assertSame(format.measure(blank, options), theirs);
      }
    }
    Path raw = dir.resolve("sparse.raw");
    Files.deleteIfExists(raw);
    int length = 1 << 22;
    byte[] bytes = new byte[4096];
    Arrays.fill(bytes, (byte) 1);
    try (Image image = createRaw(raw, length)) {
      for (int i = 0; i < 20; i++) {
        image.disk().writeBytes(random.nextInt(length / 4096) * 4096L, bytes);
      }
      image.disk().sync();
    }
    try (Image image = Image.open(raw, ImageOptions.reading().withFormat("raw"))) {
      CreateOptions of = new CreateOptions(length, Optional.empty(), Images.options(layout));
      Oracle.Run run = measureRun(layout, "-f", "raw", raw);
      assertSame(format.measure(image.disk(), of), run.succeeds());
    }
  }

  private static Image createRaw(Path path, long size) throws IOException {
    Image.create(path, "raw", CreateOptions.ofSize(size));
    ImageOptions writing = ImageOptions.reading().withFormat("raw").with(ImageOptions.Access.WRITE);
    return Image.open(path, writing);
  }

  private static Oracle.Run measureRun(String layout, Object... what) {
    List<Object> words = new ArrayList<>(List.of("measure", "--output", "json", "-O", "qcow2"));
    words.addAll(List.of("-o", layout));
    words.addAll(List.of(what));
    return Qemu.img().run(words.toArray());
  }

  private static void assertSame(MeasuredSize ours, Oracle.Run theirs) {
    assertThat(ours.required()).as(theirs.out()).isEqualTo(Qemu.number(theirs.out(), "required"));
    assertThat(ours.fullyAllocated())
        .as(theirs.out())
        .isEqualTo(Qemu.number(theirs.out(), "fully-allocated"));
  }
}
