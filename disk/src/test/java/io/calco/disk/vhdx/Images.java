package io.calco.disk.vhdx;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.NewImage;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Images of the tests, made and read by us and by others.
final class Images {
  private Images() {}

  static Image open(Path path, ImageOptions.Access access) throws IOException {
    return Image.open(path, ImageOptions.reading().withFormat("vhdx").with(access));
  }

  static byte[] read(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  static VerifyReport verify(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.verify(JobContext.SILENT);
    }
  }

  static byte[] qemuReads(Path path) throws IOException {
    Path raw = path.resolveSibling(path.getFileName() + ".raw");
    Oracle qemu = Oracle.named("qemu-img");
    qemu.run("convert", "-f", "vhdx", "-O", "raw", path, raw).succeeds();
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }

  /// What `vhdimount` of libvhdi shows of the topmost image of a chain.
  static byte[] libvhdiReads(Path path, int parents) throws IOException {
    Path mount = Files.createTempDirectory(path.getParent(), "mount");
    Oracle.named("vhdimount").run(path, mount).succeeds();
    try {
      return Files.readAllBytes(mount.resolve("vhdi" + (parents + 1)));
    } finally {
      Oracle.named("umount").run(mount).succeeds();
    }
  }

  static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : text.isEmpty() ? new String[0] : text.split(",")) {
      options.put(option.split("=")[0], option.split("=")[1]);
    }
    return options;
  }

  static void create(Path path, long size, String options) throws IOException {
    create(path, size, options, Optional.empty());
  }

  static void create(Path path, long size, String options, Optional<String> parent)
      throws IOException {
    Optional<BackingReference> below =
        parent.map(name -> new BackingReference(name, Optional.of("vhdx")));
    try (NewImage made =
        NewImage.create(path, "vhdx", new CreateOptions(size, below, options(options)))) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
  }

  static void assertSame(byte[] found, byte[] expected) {
    assertThat(Arrays.mismatch(found, expected)).as("first byte that differs").isEqualTo(-1);
  }

  /// One change at random, of a disk and of the bytes that it should hold; the latter are returned.
  static byte[] change(Disk disk, byte[] model, Random random) throws IOException {
    int offset = random.nextInt(model.length);
    int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(23)));
    switch (random.nextInt(7)) {
      case 0 -> {
        disk.writeZeroes(
            offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 1 -> {
        disk.discard(offset, length);
        return disk.readBytes(0, model.length);
      }
      case 2 -> disk.flush();
      default -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        disk.writeBytes(offset, bytes);
        System.arraycopy(bytes, 0, model, offset, length);
      }
    }
    return model;
  }
}
