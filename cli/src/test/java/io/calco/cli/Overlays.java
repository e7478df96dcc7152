package io.calco.cli;

import io.calco.testkit.Oracle;
import java.nio.file.Path;

/// Chains of qcow2 images, made by qemu-img and qemu-io.
final class Overlays {
  private Overlays() {}

  static void img(Object... words) {
    Oracle.named("qemu-img").run(words).succeeds();
  }

  /// Has qemu-io do something with an image.
  static void io(Path disk, String command) {
    Oracle.named("qemu-io").run("-f", "qcow2", "-c", command, disk).succeeds();
  }

  /// 64 MiB, of which the first quarter is ones.
  static Path base(Path directory) {
    Path disk = directory.resolve("base.qcow2");
    img("create", "-q", "-f", "qcow2", disk, "64M");
    io(disk, "write -P 1 0 16M");
    return disk;
  }

  static Path overlay(Path directory, String name, Path below) {
    Path disk = directory.resolve(name);
    img("create", "-q", "-f", "qcow2", "-b", below, "-F", "qcow2", disk);
    return disk;
  }
}
