package io.calco.disk.vhd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.NewImage;
import io.calco.disk.RepairScope;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that QEMU made, read by us; images that we made, read by QEMU and, where it does not know
/// better, by libvhdi.
class VhdOracleTest {
  private static final int SIZE = 5 << 20;

  /// Bytes of the disk for which a byte of a bitmap stands. libvhdi shows zeroes instead of the
  /// parent's sectors after the last one that is set in a byte (20210425), so it is asked only of
  /// images whose bytes are all or nothing.
  private static final int BITMAP_BYTE = 8 * 512;

  @TempDir Path dir;

  private static Oracle qemu() {
    return Oracle.named("qemu-img");
  }

  static Image open(Path path, ImageOptions.Access access) throws IOException {
    return Image.open(path, ImageOptions.reading().withFormat("vpc").with(access));
  }

  private static byte[] read(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  private static byte[] qemuReads(Path path) throws IOException {
    Path raw = path.resolveSibling(path.getFileName() + ".raw");
    qemu().run("convert", "-f", "vpc", "-O", "raw", path, raw).succeeds();
    return Files.readAllBytes(raw);
  }

  private static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : text.isEmpty() ? new String[0] : text.split(",")) {
      options.put(option.split("=")[0], option.split("=")[1]);
    }
    return options;
  }

  private static void create(Path path, long size, String options) throws IOException {
    create(path, size, options, Optional.empty());
  }

  private static void create(Path path, long size, String options, Optional<String> parent)
      throws IOException {
    Optional<BackingReference> below =
        parent.map(name -> new BackingReference(name, Optional.of("vpc")));
    try (NewImage made =
        NewImage.create(path, "vpc", new CreateOptions(size, below, options(options)))) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
  }

  private static void assertSame(byte[] found, byte[] expected) {
    assertThat(Arrays.mismatch(found, expected))
        .as("first byte that differs, of %d", found.length)
        .isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "subformat=dynamic",
        "subformat=dynamic,force_size=on",
        "subformat=fixed",
        "subformat=fixed,force_size=on"
      })
  void readsAndChangesWhatQemuWrote(String options) {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("qemu.vhd");
          qemu().run("create", "-f", "vpc", "-o", options, image, SIZE).succeeds();
          List<Object> words = new ArrayList<>(List.of("-f", "vpc"));
          for (int i = 0; i < 12; i++) {
            int at = random.nextInt(SIZE / 512) * 512;
            int length = Math.min(SIZE - at, (1 + random.nextInt(400)) * 512);
            words.add("-c");
            words.add("write -P %d %d %d".formatted(1 + random.nextInt(255), at, length));
          }
          words.add(image);
          Oracle.named("qemu-io").run(words.toArray()).succeeds();
          byte[] content = qemuReads(image);
          assertSame(read(image), content);
          writeRandomly(image, content, random);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "force_size=on",
        "block_size=512k",
        "subformat=fixed",
        "subformat=fixed,force_size=on",
        "azure=on"
      })
  void writesWhatQemuReads(String options) {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("ours.vhd");
          create(image, SIZE + 12345, options);
          byte[] content = read(image);
          assertThat(content).hasSizeGreaterThanOrEqualTo(SIZE + 12345).containsOnly(0);
          writeRandomly(image, content, random);
          Files.delete(image);
        });
  }

  /// Changes an image at random beside a model, then asks QEMU, which then writes itself.
  private static void writeRandomly(Path image, byte[] before, Random random) throws IOException {
    byte[] model = before;
    for (int session = 0; session < 3; session++) {
      try (Image open = open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < 20; i++) {
          model = change(open.disk(), model, random, true);
        }
        assertThat(open.verify(JobContext.SILENT).corruptions()).isZero();
      }
      assertSame(read(image), model);
      assertSame(qemuReads(image), model);
      int at = random.nextInt(model.length / 512 - 300) * 512;
      Oracle.named("qemu-io")
          .run("-f", "vpc", "-c", "write -P 17 %d 100k".formatted(at), image)
          .succeeds();
      Arrays.fill(model, at, at + 102_400, (byte) 17);
      assertSame(read(image), model);
    }
  }

  /// @param resizes libvhdi takes the size that a disk had at first
  private static byte[] change(Disk disk, byte[] model, Random random, boolean resizes)
      throws IOException {
    int offset = random.nextInt(model.length);
    int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(21)));
    switch (random.nextInt(6)) {
      case 0 -> {
        disk.writeZeroes(
            offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 1 -> {
        disk.discard(offset, length);
        return disk.readBytes(0, model.length);
      }
      case 2 -> {
        if (resizes && random.nextInt(4) == 0) {
          int size = SIZE + random.nextInt(SIZE) / 512 * 512;
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
  @ValueSource(
      longs = {
        0,
        1,
        512,
        35_000,
        5 << 20,
        100 << 20,
        500 << 20,
        528_482_304,
        3L << 30,
        8L << 30,
        127L << 30,
        136_899_993_599L,
        128L << 30,
        2040L << 30
      })
  void roundsSizesAsQemuDoes(long size) throws IOException {
    for (String force : List.of("off", "on")) {
      Path theirs = dir.resolve("theirs.vhd");
      Path ours = dir.resolve("ours.vhd");
      String option = "force_size=" + force;
      qemu().run("create", "-f", "vpc", "-o", option, theirs, size).succeeds();
      create(ours, size, option);
      long expected = virtualSize(theirs);
      assertThat(virtualSize(ours)).as(option).isEqualTo(expected);
      for (Path image : List.of(theirs, ours)) {
        try (Image open = open(image, ImageOptions.Access.READ)) {
          assertThat(open.disk().size()).as(option).isEqualTo(expected);
        }
      }
    }
  }

  private static long virtualSize(Path image) {
    String json = qemu().run("info", "-f", "vpc", "--output", "json", image).succeeds().out();
    return Long.parseLong(json.replaceAll("(?s).*\"virtual-size\": (\\d+).*", "$1"));
  }

  /// Where both know the maker; see [VhdFooter#virtualSize] for those that QEMU does not.
  @ParameterizedTest
  @CsvSource({"'vpc '", "'qemu'", "'qem2'", "'win '", "'d2v '", "'tap\0'", "'CTXS'", "'vs  '"})
  void takesTheMakersWordForTheSize(String creator) throws IOException {
    for (VhdGeometry geometry : List.of(new VhdGeometry(100, 4, 17), VhdGeometry.MAX)) {
      Path image = dir.resolve("made.vhd");
      Files.write(image, fixed(creator, geometry));
      try (Image open = open(image, ImageOptions.Access.READ)) {
        assertThat(open.disk().size()).isEqualTo(virtualSize(image));
      }
    }
  }

  private static byte[] fixed(String creator, VhdGeometry geometry) {
    VhdFooter footer =
        VhdFooter.create(VhdFooter.FIXED, SIZE, geometry, -1, io.calco.disk.ImageIdentity.fresh());
    byte[] image = new byte[SIZE + 512];
    MemorySegment bytes = MemorySegment.ofArray(image).asSlice(SIZE);
    bytes.copyFrom(footer.bytes());
    VhdFooter.putText(bytes, VhdLayout.CREATOR_APPLICATION, creator);
    bytes.set(VhdLayout.U32, VhdLayout.CHECKSUM, VhdFooter.checksum(bytes, VhdLayout.CHECKSUM));
    return image;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "force_size=on", "block_size=512k", "subformat=fixed", "azure=on"})
  void laysOutWhatQemuReads(String options) throws IOException {
    Path source = dir.resolve("source.raw");
    byte[] content = new byte[9 << 20];
    new Random(7).nextBytes(content);
    Arrays.fill(content, 1 << 20, 7 << 20, (byte) 0);
    Files.write(source, content);
    Path image = dir.resolve("laid-out.vhd");
    try (Image raw = Image.open(source, ImageOptions.reading().withFormat("raw"));
        HostFile file =
            new VhdFormat()
                .layOut(
                    raw.disk(),
                    new CreateOptions(content.length, Optional.empty(), options(options)))) {
      byte[] bytes = new byte[Math.toIntExact(file.size())];
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, 77_777);
        file.read(at, MemorySegment.ofArray(bytes).asSlice(at, length));
        at += length;
      }
      Files.write(image, bytes);
    }
    byte[] found = qemuReads(image);
    assertThat(found).hasSizeGreaterThanOrEqualTo(content.length);
    assertSame(found, Arrays.copyOf(content, found.length));
    assertSame(read(image), found);
    try (Image open = open(image, ImageOptions.Access.READ)) {
      assertThat(open.verify(JobContext.SILENT).clean()).isTrue();
    }
    writeRandomly(image, found, new Random(5));
  }

  /// QEMU reads a differencing disk without its parent.
  @Test
  void differencingDisksAreReadAsLibvhdiReadsThem() {
    Seeds.run(
        2,
        random -> {
          Path parent = dir.resolve("parent.vhd");
          Path image = dir.resolve("child.vhd");
          create(parent, SIZE, "");
          byte[] below = read(parent);
          try (Image open = open(parent, ImageOptions.Access.WRITE)) {
            for (int i = 0; i < 20; i++) {
              below = change(open.disk(), below, random, false);
            }
          }
          create(image, below.length, "", Optional.of("parent.vhd"));
          byte[] model = below.clone();
          for (int session = 0; session < 3; session++) {
            try (Image open = open(image, ImageOptions.Access.WRITE)) {
              for (int i = 0; i < 10; i++) {
                int offset = random.nextInt(model.length / BITMAP_BYTE - 3) * BITMAP_BYTE;
                byte[] bytes = new byte[(1 + random.nextInt(3)) * BITMAP_BYTE];
                random.nextBytes(bytes);
                if (random.nextInt(3) == 0) {
                  open.disk().writeZeroes(offset, bytes.length, ZeroMode.MAY_UNMAP);
                  Arrays.fill(bytes, (byte) 0);
                } else {
                  open.disk().writeBytes(offset, bytes);
                }
                System.arraycopy(bytes, 0, model, offset, bytes.length);
              }
            }
            assertSame(read(image), model);
          }
          try (Image open = open(image, ImageOptions.Access.READ)) {
            assertThat(open.verify(JobContext.SILENT).clean()).isTrue();
          }
          assertSame(libvhdiReads(image, 1), model);
          Files.delete(parent);
          Files.delete(image);
        });
  }

  /// What `vhdimount` shows of the topmost image of a chain.
  private byte[] libvhdiReads(Path image, int parents) throws IOException {
    Path mount = Files.createDirectory(dir.resolve("mount" + System.nanoTime()));
    Oracle.named("vhdimount").run(image, mount).succeeds();
    try {
      return Files.readAllBytes(mount.resolve("vhdi" + (parents + 1)));
    } finally {
      Oracle.named("umount").run(mount).succeeds();
    }
  }

  @Test
  void aParentThatIsNotTheOneIsRefused() throws IOException {
    Path parent = dir.resolve("parent.vhd");
    Path image = dir.resolve("child.vhd");
    create(parent, SIZE, "");
    create(image, read(parent).length, "", Optional.of("parent.vhd"));
    create(parent, SIZE, "");
    assertThatThrownBy(() -> read(image))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("was made on an image that calls itself");
  }

  @Test
  void aParentIsExchanged() throws IOException {
    Path image = dir.resolve("child.vhd");
    for (String name : List.of("one.vhd", "two.vhd")) {
      create(dir.resolve(name), SIZE, "");
      try (Image open = open(dir.resolve(name), ImageOptions.Access.WRITE)) {
        open.disk().writeBytes(1000, name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      }
    }
    create(image, read(dir.resolve("one.vhd")).length, "", Optional.of("one.vhd"));
    try (Image open = open(image, ImageOptions.Access.WRITE)) {
      open.disk().writeBytes(3 << 20, new byte[] {9});
      open.changeBacking(Optional.of(new BackingReference("two.vhd", Optional.of("vpc"))));
    }
    byte[] found = read(image);
    assertThat(new String(found, 1000, 7, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("two.vhd");
    assertThat(found[3 << 20]).isEqualTo((byte) 9);
    assertSame(libvhdiReads(image, 1), found);
    try (Image open = open(image, ImageOptions.Access.WRITE)) {
      open.changeBacking(Optional.empty());
    }
    assertSame(read(image), qemuReads(image));
  }

  /// Two images whose makers changed a header's field and not its checksum.
  @Test
  void aWrongChecksumIsRefusedAndRepaired() throws IOException {
    for (String name : List.of("image.vhd", "image-differential.vhd")) {
      Path image = dir.resolve(name);
      Files.copy(Shared.sample("dfvfs/" + name), image, StandardCopyOption.REPLACE_EXISTING);
      assertThatThrownBy(() -> read(image))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("checksum");
      try (Image open = open(image, ImageOptions.Access.REPAIR)) {
        assertThat(open.verify(JobContext.SILENT).corruptions()).isPositive();
        assertThat(open.repair(RepairScope.ALL, JobContext.SILENT).clean()).isTrue();
      }
    }
    assertSame(read(dir.resolve("image.vhd")), read(Shared.sample("dfvfs/image-a.vhd")));
    Path child = dir.resolve("image-differential.vhd");
    assertSame(read(child), libvhdiReads(child, 1));
  }

  @Test
  void parentsAreNamedAsTheImageNamesThem() throws IOException {
    try (Image image =
        open(Shared.sample("dfvfs/fat-differential.vhd"), ImageOptions.Access.METADATA)) {
      FormatInfo info = image.info();
      assertThat(info.backing())
          .contains(
              new BackingReference(
                  "fat-parent.vhd",
                  Optional.of("vpc"),
                  Optional.of("5fa21a55-f394-aa4d-9958-1951a67d5540")));
      assertThat(info.identity()).contains("f84f1636-cd9e-9041-a69e-dcc2380e416a");
    }
    assertThatThrownBy(() -> read(Shared.sample("dfvfs/fat-differential.vhd")))
        .isInstanceOf(java.nio.file.NoSuchFileException.class)
        .hasMessageContaining("fat-parent.vhd");
  }
}
