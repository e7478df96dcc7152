package io.calco.disk.qcow2;

import io.calco.disk.BackingReference;
import io.calco.disk.CreateOptions;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.LocalFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Our own images, as the tests of this package use them.
final class Images {
  /// Layouts that differ in what matters, as qemu-img's options.
  static final List<String> LAYOUTS =
      List.of(
          "cluster_size=65536",
          "compat=0.10,cluster_size=4096",
          "cluster_size=512,refcount_bits=64",
          "cluster_size=1024,refcount_bits=1",
          "cluster_size=2M,refcount_bits=32",
          "cluster_size=8192,refcount_bits=2,lazy_refcounts=on",
          "cluster_size=16384,refcount_bits=8,extended_l2=on",
          "cluster_size=131072,extended_l2=on,compression_type=zstd",
          "cluster_size=32768,refcount_bits=4,compression_type=zstd",
          "cluster_size=4096,preallocation=metadata");

  private Images() {}

  static Map<String, String> options(String layout) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : layout.split(",", -1)) {
      String[] parts = option.split("=", 2);
      options.put(parts[0], parts[1]);
    }
    return options;
  }

  static void create(Path path, long size, String layout, Optional<Path> backing)
      throws IOException {
    Optional<BackingReference> below =
        backing.map(b -> new BackingReference(b.getFileName().toString(), Optional.of("qcow2")));
    Image.create(path, "qcow2", new CreateOptions(size, below, options(layout)));
  }

  static Image open(Path path, ImageOptions.Access access) throws IOException {
    return Image.open(path, ImageOptions.reading().withFormat("qcow2").with(access));
  }

  static byte[] read(Path path) throws IOException {
    try (Image image = open(path, ImageOptions.Access.READ)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  static byte[] readSnapshot(Path path, String name) throws IOException {
    ImageOptions options = ImageOptions.reading().withFormat("qcow2").withSnapshot(name);
    try (Image image = Image.open(path, options)) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  static VerifyReport verify(Path path) throws IOException {
    try (OpenedFormat image =
        new Qcow2Format().openOwning(LocalFile.open(path, false), FormatOpenOptions.readOnly())) {
      return image.verify(JobContext.SILENT);
    }
  }

  /// Where two arrays differ, or -1: an assertion on the arrays would print them.
  static int difference(byte[] one, byte[] other) {
    return Arrays.mismatch(one, other);
  }
}
