package io.calco.disk.vmdk;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile.Durability;
import io.calco.disk.Companions;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.disk.NewImage;
import io.calco.disk.OpenPolicy;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Images as the tests of this package use them.
final class Images {
  static final List<String> LAYOUTS =
      List.of(
          "subformat=monolithicSparse",
          "subformat=monolithicSparse,zeroed_grain=on,adapter_type=lsilogic,compat6=on",
          "subformat=monolithicFlat,adapter_type=buslogic",
          "subformat=twoGbMaxExtentSparse,hwversion=8",
          "subformat=twoGbMaxExtentFlat,toolsversion=12345",
          "subformat=streamOptimized,adapter_type=legacyESX");

  private Images() {}

  static Map<String, String> options(String layout) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : layout.split(",", -1)) {
      String[] parts = option.split("=", 2);
      options.put(parts[0], parts[1]);
    }
    return options;
  }

  static FormatOpenOptions writing(Companions files) {
    return new FormatOpenOptions(true, Optional.empty(), false, files, Optional.empty());
  }

  static FormatOpenOptions reading(Companions files) {
    return new FormatOpenOptions(false, Optional.empty(), false, files, Optional.empty());
  }

  /// Guest bytes: data, runs of zeroes, text that compresses and noise that does not.
  static byte[] content(Random random, int size) {
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; ) {
      int length = Math.min(size - at, 1 + random.nextInt(300_000));
      byte[] run = new byte[length];
      switch (random.nextInt(3)) {
        case 0 -> random.nextBytes(run);
        case 1 -> {
          for (int i = 0; i < length; i++) {
            run[i] = (byte) "some text ".charAt(i % 10);
          }
        }
        default -> {}
      }
      System.arraycopy(run, 0, bytes, at, length);
      at += length;
    }
    return bytes;
  }

  /// Makes an image of these bytes.
  static void make(Path path, byte[] content, String layout, Optional<BackingReference> below)
      throws IOException {
    CreateOptions options = new CreateOptions(content.length, below, options(layout));
    try (NewImage made = NewImage.create(path, "vmdk", options)) {
      try (Image image = made.open(OpenPolicy.ownDirectory());
          Disk from = Disk.owning(new MemoryDriver(content))) {
        CopyOptions how =
            below.isPresent() ? CopyOptions.over(image, "") : CopyOptions.toNew(image, "");
        if (image.streaming()) {
          DiskCopy.copyCompressed(from, image, how, JobContext.SILENT);
        } else {
          DiskCopy.copy(from, image.disk(), how, JobContext.SILENT);
        }
      }
      made.publish(Durability.LEFT_TO_THE_SYSTEM);
    }
  }

  static Image open(Path path, ImageOptions.Access access) throws IOException {
    return Image.open(path, ImageOptions.reading().withFormat("vmdk").with(access));
  }

  static byte[] read(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  static VerifyReport verify(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.METADATA)) {
      return image.verify(JobContext.SILENT);
    }
  }

  static Oracle qemuImg() {
    return Oracle.named("qemu-img");
  }

  /// The guest's bytes, as QEMU sees them.
  static byte[] qemuReads(Path image) throws IOException {
    Path raw = image.resolveSibling(image.getFileName() + ".raw");
    qemuImg().run("convert", "-f", "vmdk", "-O", "raw", image, raw).succeeds();
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }
}
