package io.calco.disk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.MemoryDriver;
import io.calco.disk.NewImage;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
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
import org.junit.jupiter.params.provider.ValueSource;

/// Images that QEMU made, read and written by us; images that we made, read and checked by QEMU and
/// libvmdk.
class VmdkOracleTest {
  private static final int SIZE = 5 << 20;

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
    byte[] content = Images.content(random, SIZE + 512 * random.nextInt(200));
    Path raw = dir.resolve("content");
    Path image = dir.resolve("image.vmdk");
    Files.write(raw, content);
    Images.qemuImg().run("convert", "-f", "raw", "-O", "vmdk", "-o", layout, raw, image).succeeds();
    same(Images.read(image), content);
    assertThat(Images.verify(image).findings()).isEmpty();
    if (!layout.contains("streamOptimized")) {
      writeInto(image, content, random);
    }
  }

  /// Writes, zeroes and discards at random places, and asks QEMU what it sees.
  private static void writeInto(Path path, byte[] content, Random random) throws IOException {
    try (Image image = Images.open(path, Access.WRITE)) {
      Disk disk = image.disk();
      for (int i = 0; i < 60; i++) {
        int offset = random.nextInt(content.length);
        int length = 1 + random.nextInt(Math.min(content.length - offset, 1 << random.nextInt(19)));
        if (random.nextInt(3) > 0) {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          disk.writeBytes(offset, bytes);
          System.arraycopy(bytes, 0, content, offset, length);
        } else {
          disk.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          Arrays.fill(content, offset, offset + length, (byte) 0);
        }
      }
    }
    same(Images.qemuReads(path), content);
    Images.qemuImg().run("check", "-f", "vmdk", path).succeeds();
    assertThat(Images.verify(path).findings()).isEmpty();
  }

  private static void same(byte[] found, byte[] expected) {
    assertThat(found.length).isEqualTo(expected.length);
    assertThat(Arrays.mismatch(found, expected)).as("first byte that differs").isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void qemuReadsWhatWeWrite(String layout) {
    Seeds.run(1, random -> qemuReads(layout, random));
  }

  private void qemuReads(String layout, Random random) throws IOException {
    byte[] content = Images.content(random, SIZE + 512 * random.nextInt(200));
    Path image = dir.resolve("image.vmdk");
    Images.make(image, content, layout, Optional.empty());
    same(Images.qemuReads(image), content);
    Images.qemuImg().run("check", "-f", "vmdk", image).succeeds();
    assertThat(Images.verify(image).findings()).isEmpty();
    assertSameInfo(image);
    Optional<Oracle> libvmdk = Oracle.find("vmdkinfo");
    if (libvmdk.isPresent()) {
      libvmdk.get().run(image).succeeds().says("(%d bytes)".formatted(content.length));
    }
    if (!layout.contains("streamOptimized")) {
      writeInto(image, content, random);
    }
  }

  private static void assertSameInfo(Path path) throws IOException {
    String json = Images.qemuImg().run("info", "--output=json", path).succeeds().out();
    try (Image image = Images.open(path, Access.METADATA)) {
      var facts = image.info().specific();
      for (String key : new String[] {"cid", "parent-cid"}) {
        assertThat(json).contains("\"%s\": %s".formatted(key, facts.get(key)));
      }
      assertThat(json).contains("\"create-type\": \"%s\"".formatted(facts.get("create-type")));
      for (Object extent : (Iterable<?>) facts.get("extents")) {
        ((java.util.Map<?, ?>) extent)
            .forEach((key, value) ->
                assertThat(json)
                    .contains(
                        value instanceof String
                            ? "\"%s\": \"%s\"".formatted(key, value)
                            : "\"%s\": %s".formatted(key, value)));
      }
    }
  }

  @Test
  void followsDeltasBothWays() {
    Seeds.run(2, this::followDeltas);
  }

  private void followDeltas(Random random) throws IOException {
    byte[] content = Images.content(random, SIZE);
    Path base = dir.resolve("base.vmdk");
    Images.make(base, content, "subformat=monolithicSparse", Optional.empty());
    Path theirs = dir.resolve("theirs.vmdk");
    Images.qemuImg().run("create", "-f", "vmdk", "-b", base, "-F", "vmdk", theirs).succeeds();
    Oracle.named("qemu-io")
        .run("-f", "vmdk", "-c", "write -P 7 100k 300k", "-c", "write -P 0 2M 64k", theirs)
        .succeeds();
    byte[] expected = content.clone();
    Arrays.fill(expected, 100 << 10, 400 << 10, (byte) 7);
    Arrays.fill(expected, 2 << 20, (2 << 20) + (64 << 10), (byte) 0);
    same(Images.read(theirs), expected);
    writeInto(theirs, expected, random);

    for (String layout :
        new String[] {
          "subformat=monolithicSparse",
          "zeroed_grain=on",
          "subformat=twoGbMaxExtentSparse,zeroed_grain=on"
        }) {
      Path ours = dir.resolve("ours.vmdk");
      byte[] changed = Images.content(random, SIZE);
      Optional<BackingReference> below =
          Optional.of(new BackingReference("base.vmdk", Optional.of("vmdk")));
      Images.make(ours, changed, layout, below);
      same(Images.read(ours), changed);
      writeInto(ours, changed, random);
    }
    try (Image changed = Images.open(base, Access.WRITE)) {
      changed.disk().writeBytes(0, new byte[] {1});
    }
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Images.read(theirs))
        .isInstanceOf(io.calco.disk.CorruptImageException.class)
        .hasMessageContaining("was made on an image that calls itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"subformat=monolithicSparse", "subformat=streamOptimized"})
  void qemuReadsWhatIsLaidOut(String layout) {
    Seeds.run(2, random -> layOut(layout, random));
  }

  private void layOut(String layout, Random random) throws IOException {
    byte[] content = Images.content(random, (40 << 20) + 512 * random.nextInt(200));
    Path image = dir.resolve("laidout.vmdk");
    CreateOptions options =
        new CreateOptions(content.length, Optional.empty(), Images.options(layout));
    try (Disk disk = Disk.owning(new MemoryDriver(content));
        HostFile file = new VmdkFormat().layOut(disk, options)) {
      byte[] bytes = new byte[Math.toIntExact(file.size())];
      file.read(0, MemorySegment.ofArray(bytes));
      Files.write(image, bytes);
      for (int i = 0; i < 100; i++) {
        int offset = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(bytes.length - offset, 1 << random.nextInt(18)));
        byte[] part = new byte[length];
        file.read(offset, MemorySegment.ofArray(part));
        same(part, Arrays.copyOfRange(bytes, offset, offset + length));
      }
    }
    same(Images.qemuReads(image), content);
    Images.qemuImg().run("check", "-f", "vmdk", image).succeeds();
    assertThat(Images.verify(image).findings()).isEmpty();
    same(Images.read(image), content);
  }

  @Test
  void growsAndShrinksAsQemuSeesIt() {
    Seeds.run(
        2,
        random -> {
          for (String layout : new String[] {"zeroed_grain=on", "subformat=monolithicFlat"}) {
            Path path = dir.resolve("grown.vmdk");
            byte[] content = Images.content(random, SIZE);
            Images.make(path, content, layout, Optional.empty());
            for (int size : new int[] {70 << 20, 1 << 20, 200 << 20, 3 << 20}) {
              try (Image image = Images.open(path, Access.WRITE)) {
                image.disk().resize(size);
              }
              content = Arrays.copyOf(content, size);
              writeInto(path, content, random);
            }
          }
        });
  }

  /// Writes across the border of two extents, ours into QEMU's image and QEMU's into ours.
  @ParameterizedTest
  @ValueSource(strings = {"twoGbMaxExtentSparse", "twoGbMaxExtentFlat"})
  void severalExtentsAreOneDisk(String layout) throws IOException {
    long size = 5L << 30;
    long border = 4_192_256L * 512;
    Oracle qemuIo = Oracle.named("qemu-io");
    String option = "subformat=" + layout;
    Path theirs = dir.resolve("theirs.vmdk");
    Images.qemuImg().run("create", "-f", "vmdk", "-o", option, theirs, "5G").succeeds();
    Path ours = dir.resolve("ours.vmdk");
    CreateOptions options = new CreateOptions(size, Optional.empty(), Images.options(option));
    try (NewImage made = NewImage.create(ours, "vmdk", options)) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
    byte[] bytes = new byte[300_000];
    Arrays.fill(bytes, (byte) 0x5a);
    for (Path path : new Path[] {theirs, ours}) {
      try (Image image = Images.open(path, Access.WRITE)) {
        assertThat(image.disk().size()).isEqualTo(size);
        image.disk().writeBytes(border - 100_000, bytes);
        image.disk().writeBytes(size - bytes.length, bytes);
      }
      String first = "read -P 0x5a %d 300000".formatted(border - 100_000);
      String last = "read -P 0x5a %d 300000".formatted(size - 300_000);
      String write = "write -P 0x17 %d 65536".formatted(2 * border - 32_768);
      qemuIo
          .run("-f", "vmdk", "-c", first, "-c", last, "-c", write, path)
          .succeeds()
          .out()
          .lines()
          .forEach(line -> assertThat(line).doesNotContain("failed"));
      try (Image image = Images.open(path, Access.READ)) {
        byte[] expected = new byte[70_000];
        Arrays.fill(expected, 0, 65_536, (byte) 0x17);
        same(image.disk().readBytes(2 * border - 32_768, 70_000), expected);
      }
      assertThat(Images.verify(path).findings()).isEmpty();
    }
  }

  @Test
  void theFirstWriteChangesTheContentId() throws IOException {
    for (String layout : Images.LAYOUTS) {
      if (layout.contains("streamOptimized")) {
        continue;
      }
      Path path = dir.resolve("id.vmdk");
      Images.make(path, new byte[1 << 20], layout, Optional.empty());
      String before = contentId(path);
      Images.open(path, Access.WRITE).close();
      assertThat(contentId(path)).as("opened only").isEqualTo(before);
      String after;
      try (Image image = Images.open(path, Access.WRITE)) {
        image.disk().writeBytes(0, new byte[] {1});
        after = contentId(path);
        assertThat(after).as("written").isNotEqualTo(before);
        image.disk().writeBytes(1 << 19, new byte[] {1});
      }
      assertThat(contentId(path)).as("written again").isEqualTo(after);
      String json = Images.qemuImg().run("info", "--output=json", path).succeeds().out();
      assertThat(json).contains("\"cid\": %d".formatted(Long.parseLong(after, 16)));
    }
  }

  /// As the text in the file says.
  private static String contentId(Path path) throws IOException {
    String text = Files.readString(path, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\nCID=") + 5;
    return text.substring(at, at + 8);
  }
}
