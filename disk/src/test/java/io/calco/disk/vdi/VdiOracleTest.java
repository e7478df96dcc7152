package io.calco.disk.vdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BesideFile;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.NewImage;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that QEMU made, read and changed by us; images that we made, read and changed by QEMU.
class VdiOracleTest {
  private static final int SIZE = 5 << 20;

  @TempDir Path dir;

  private static Oracle qemu() {
    return Oracle.named("qemu-img");
  }

  private static Image open(Path path, ImageOptions.Access access) throws IOException {
    return Image.open(path, ImageOptions.reading().withFormat("vdi").with(access));
  }

  private static byte[] read(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  private static byte[] qemuReads(Path path) throws IOException {
    Path raw = path.resolveSibling(path.getFileName() + ".raw");
    qemu().run("convert", "-f", "vdi", "-O", "raw", path, raw).succeeds();
    return Files.readAllBytes(raw);
  }

  private static void create(Path path, long size, String isStatic) throws IOException {
    CreateOptions options = new CreateOptions(size, Optional.empty(), Map.of("static", isStatic));
    try (NewImage made = NewImage.create(path, "vdi", options)) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
  }

  private static void assertSame(byte[] found, byte[] expected) {
    assertThat(Arrays.mismatch(found, expected)).as("first byte that differs").isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void changesWhatQemuMade(String isStatic) {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("theirs.vdi");
          qemu()
              .run("create", "-f", "vdi", "-o", "static=" + isStatic, image, SIZE + 1536)
              .succeeds();
          writeRandomly(image, new byte[SIZE + 1536], random);
          Files.delete(image);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void makesWhatQemuReads(String isStatic) {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("ours.vdi");
          create(image, SIZE + 12345, isStatic);
          byte[] content = read(image);
          assertThat(content).hasSize((SIZE + 12345 + 511) / 512 * 512).containsOnly(0);
          writeRandomly(image, content, random);
          Files.delete(image);
        });
  }

  /// Changes an image at random beside a model, then asks QEMU, which then writes itself.
  private static void writeRandomly(Path image, byte[] content, Random random) throws IOException {
    byte[] model = content;
    for (int session = 0; session < 3; session++) {
      try (Image open = open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < 20; i++) {
          model = change(open.disk(), model, random);
        }
        assertThat(open.verify(JobContext.SILENT).clean()).isTrue();
      }
      assertSame(read(image), model);
      assertSame(qemuReads(image), model);
      qemu().run("check", "-f", "vdi", image).succeeds();
      int at = random.nextInt(model.length / 512 - 300) * 512;
      Oracle.named("qemu-io")
          .run("-f", "vdi", "-c", "write -P 17 %d 100k".formatted(at), image)
          .succeeds();
      Arrays.fill(model, at, at + 102_400, (byte) 17);
      assertSame(read(image), model);
    }
  }

  private static byte[] change(Disk disk, byte[] model, Random random) throws IOException {
    int offset = random.nextInt(model.length);
    int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(22)));
    switch (random.nextInt(6)) {
      case 0 -> {
        disk.writeZeroes(
            offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 1 -> {
        disk.discard(offset, length);
        System.arraycopy(disk.readBytes(0, model.length), 0, model, 0, model.length);
      }
      case 2 -> {
        if (random.nextInt(3) == 0) {
          int size = SIZE + random.nextInt(random.nextBoolean() ? SIZE : 30 * SIZE) / 512 * 512;
          disk.resize(size);
          return Arrays.copyOf(model, size);
        }
        disk.flush();
      }
      default -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        disk.writeBytes(offset, bytes);
        System.arraycopy(bytes, 0, model, offset, length);
      }
    }
    return model;
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void laysOutWhatQemuReads(String isStatic) throws IOException {
    Path source = dir.resolve("source.raw");
    byte[] content = new byte[(9 << 20) + 5120];
    new Random(7).nextBytes(content);
    Arrays.fill(content, 1 << 20, 7 << 20, (byte) 0);
    try (var sparse =
        Files.newByteChannel(
            source,
            java.util.Set.of(
                java.nio.file.StandardOpenOption.CREATE_NEW,
                java.nio.file.StandardOpenOption.WRITE,
                java.nio.file.StandardOpenOption.SPARSE))) {
      sparse.write(ByteBuffer.wrap(content, 0, 1 << 20));
      sparse.position(7 << 20).write(ByteBuffer.wrap(content, 7 << 20, content.length - (7 << 20)));
    }
    Path image = dir.resolve("laid-out.vdi");
    CreateOptions options =
        new CreateOptions(content.length, Optional.empty(), Map.of("static", isStatic));
    try (Image raw = Image.open(source, ImageOptions.reading().withFormat("raw"));
        HostFile file = new VdiFormat().layOut(raw.disk(), options)) {
      byte[] bytes = new byte[Math.toIntExact(file.size())];
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, 77_777);
        file.read(at, MemorySegment.ofArray(bytes).asSlice(at, length));
        at += length;
      }
      Files.write(image, bytes);
    }
    qemu().run("check", "-f", "vdi", image).succeeds();
    assertSame(qemuReads(image), content);
    assertSame(read(image), content);
    assertThat(Files.size(image)).isEqualTo(isStatic.equals("on") ? 11 << 20 : 5 << 20);
    writeRandomly(image, content, new Random(5));
  }

  /// No free tool makes one: QEMU's image with the fields that make it a child.
  @Test
  void findsTheParentByItsUuid() throws IOException {
    Path parent = dir.resolve("parent.vdi");
    Path child = dir.resolve("child.vdi");
    for (Path image : new Path[] {parent, child, dir.resolve("other.vdi")}) {
      qemu().run("create", "-f", "vdi", image, "4M").succeeds();
    }
    Oracle.named("qemu-io").run("-f", "vdi", "-c", "write -P 1 0 3M", parent).succeeds();
    Oracle.named("qemu-io").run("-f", "vdi", "-c", "write -P 2 1M 1M", child).succeeds();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(child)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(VdiLayout.TYPE, VdiLayout.DIFFERENCING);
    bytes.put(VdiLayout.UUID_PARENT, bytesOf(parent, VdiLayout.UUID_IMAGE));
    bytes.putInt(0x200 + 8, VdiLayout.ZERO);
    Files.write(child, bytes.array());

    byte[] found = read(child);
    byte[] expected = new byte[4 << 20];
    Arrays.fill(expected, 0, 1 << 20, (byte) 1);
    Arrays.fill(expected, 1 << 20, 2 << 20, (byte) 2);
    assertSame(found, expected);
    try (Image image = open(child, ImageOptions.Access.READ)) {
      assertThat(image.info().backing().orElseThrow().name()).isEqualTo("parent.vdi");
      assertThat(image.risks()).hasSize(1);
    }
    takesTheCopyWhoseStateWasNoted(parent, child);
    assertThatThrownBy(() -> open(child, ImageOptions.Access.WRITE).close())
        .hasMessageContaining("read, not written");
    Files.delete(parent);
    assertThatThrownBy(() -> read(child)).hasMessageContaining("{");
  }

  private void takesTheCopyWhoseStateWasNoted(Path parent, Path child) throws IOException {
    Path copy = dir.resolve("a-copy.VDI");
    Files.copy(parent, copy);
    byte[] noting = Files.readAllBytes(child);
    System.arraycopy(
        bytesOf(parent, VdiLayout.UUID_STATE), 0, noting, VdiLayout.UUID_PARENT_STATE, 16);
    Files.write(child, noting);
    try (Image changed = open(copy, ImageOptions.Access.WRITE)) {
      changed.disk().writeBytes(0, new byte[] {9});
    }
    try (Image image = open(child, ImageOptions.Access.READ)) {
      assertThat(image.info().backing().orElseThrow().name()).isEqualTo("parent.vdi");
    }
    Files.delete(copy);
  }

  private static byte[] bytesOf(Path image, int at) throws IOException {
    return Arrays.copyOfRange(Files.readAllBytes(image), at, at + 16);
  }

  /// QEMU's table ends where the first block begins, but for half a sector: the blocks make room.
  @Test
  void growsATableThatHasNoRoom() throws IOException {
    Path image = dir.resolve("tight.vdi");
    qemu().run("create", "-f", "vdi", image, "128M").succeeds();
    Oracle.named("qemu-io")
        .run("-f", "vdi", "-c", "write -P 1 127M 1M", "-c", "write -P 2 5M 1M", image)
        .succeeds();
    long big = 300L << 30;
    try (Image open = open(image, ImageOptions.Access.WRITE)) {
      open.disk().resize(big);
      open.disk().writeBytes(big - 1000, new byte[] {3});
    }
    qemu().run("check", "-f", "vdi", image).succeeds();
    Oracle.named("qemu-io")
        .run(
            "-f",
            "vdi",
            "-c",
            "read -P 1 127M 1M",
            "-c",
            "read -P 2 5M 1M",
            "-c",
            "read -P 3 %d 1".formatted(big - 1000),
            "-c",
            "read -P 0 128M 1M",
            "-c",
            "write -P 4 200G 1M",
            image)
        .succeeds();
    try (Image open = open(image, ImageOptions.Access.WRITE)) {
      assertThat(open.disk().readBytes(200L << 30, 1)).containsExactly(4);
      open.disk().resize(6 << 20);
      assertThat(open.verify(JobContext.SILENT).clean()).isTrue();
    }
    qemu().run("check", "-f", "vdi", image).succeeds();
    assertThat(Files.size(image)).isLessThan(4 << 20);
    byte[] expected = new byte[6 << 20];
    Arrays.fill(expected, 5 << 20, 6 << 20, (byte) 2);
    assertSame(qemuReads(image), expected);
  }

  /// The counts are QEMU's; a wrong count of blocks is mended, blocks in each other's place are
  /// not.
  @Test
  void checksAsQemuDoes() throws IOException {
    Path image = dir.resolve("damaged.vdi");
    qemu().run("create", "-f", "vdi", image, "8M").succeeds();
    Oracle.named("qemu-io").run("-f", "vdi", "-c", "write 0 3M", image).succeeds();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(VdiLayout.BLOCKS_ALLOCATED, 2);
    Files.write(image, bytes.array());
    assertThat(corruptions(image)).isEqualTo(1);
    assertThat(repair(image).corruptionsFixed()).isEqualTo(1);

    bytes.putInt(VdiLayout.BLOCKS_ALLOCATED, 5);
    Files.write(image, bytes.array());
    assertThat(repair(image).leaksFixed()).isEqualTo(2);

    byte[] content = read(image);
    bytes.putInt(0x200 + 4, VdiLayout.UNUSED);
    Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
    Files.write(image, bytes.array());
    assertThat(repair(image).leaksFixed()).isEqualTo(3);
    assertSame(qemuReads(image), content);

    bytes.putInt(0x200, 2);
    bytes.putInt(0x204, 70);
    Files.write(image, bytes.array());
    assertThat(corruptions(image)).isEqualTo(3);
    assertThatThrownBy(
            () -> {
              try (Image open = open(image, ImageOptions.Access.WRITE)) {
                open.disk().writeBytes(0, new byte[512]);
              }
            })
        .isInstanceOf(CorruptImageException.class);
  }

  private static VerifyReport repair(Path image) throws IOException {
    VerifyReport report;
    try (Image open = open(image, ImageOptions.Access.REPAIR)) {
      report = open.repair(RepairScope.ALL, JobContext.SILENT);
      assertThat(report.clean()).isTrue();
    }
    qemu().run("check", "-f", "vdi", image).succeeds();
    return report;
  }

  private static long corruptions(Path image) throws IOException {
    try (Image open = open(image, ImageOptions.Access.READ)) {
      VerifyReport report = open.verify(JobContext.SILENT);
      String theirs = qemu().run("check", "-f", "vdi", "--output", "json", image).exits(0, 2).out();
      assertThat(theirs.replaceAll("(?s).*\"corruptions\": (\\d+).*", "$1"))
          .isEqualTo(String.valueOf(report.corruptions()));
      return report.corruptions();
    }
  }
}
