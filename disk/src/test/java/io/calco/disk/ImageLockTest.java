package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.calco.sys.NativeAccess;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against QEMU itself, whoever comes first.
class ImageLockTest {
  private static final ImageOptions VERIFYING =
      ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.VERIFY);

  @TempDir Path dir;

  private Path image;

  @BeforeEach
  void image() throws IOException {
    assumeThat(NativeAccess.available()).as("native access").isTrue();
    image = dir.resolve("disk.img");
    Oracle.named("qemu-img").run("create", "-f", "qcow2", image, "1M").succeeds();
  }

  /// A program that has the image open until it is closed.
  private record Running(Process process) implements AutoCloseable {

    /// qemu-io holds the image open while it waits for its next command.
    static Running qemuIo(Object... arguments) throws IOException {
      return start("qemu-io", "1 KiB", "read 0 1024\n", arguments);
    }

    static Running start(String tool, String ready, String input, Object... arguments)
        throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Oracle.named(tool).program().toString());
      for (Object argument : arguments) {
        command.add(argument.toString());
      }
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      BufferedReader out = process.inputReader();
      StringBuilder said = new StringBuilder();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.append(line).append('\n');
        if (line.contains(ready)) {
          return new Running(process);
        }
      }
      throw new AssertionError(command + ": " + said);
    }

    @Override
    public void close() throws IOException {
      ProcessEnd.kill(process);
    }
  }

  private static void assertInUse(Path image, ImageLock use, String by) throws IOException {
    try (LocalFile file = LocalFile.open(image, use == ImageLock.WRITE)) {
      assertThatThrownBy(() -> file.lock(use))
          .isInstanceOf(DiskInUseException.class)
          .hasMessageContaining(image.toString())
          .hasMessageContaining(by);
    }
  }

  private static void assertFree(Path image, ImageLock use) throws IOException {
    try (LocalFile file = LocalFile.open(image, use == ImageLock.WRITE)) {
      file.lock(use);
    }
  }

  @Test
  void seesThatQemuWrites() throws IOException {
    try (Running qemu = Running.qemuIo("-f", "qcow2", image)) {
      String who = "open for writing by qemu-io (process %d)".formatted(qemu.process().pid());
      assertInUse(image, ImageLock.WRITE, who);
      assertInUse(image, ImageLock.READ, who);
      assertThatThrownBy(() -> ImageLock.requireUnused(image))
          .isInstanceOf(DiskInUseException.class)
          .hasMessageContaining(who);
      assertThatThrownBy(() -> Image.open(image, ImageOptions.reading().withFormat("qcow2")))
          .isInstanceOf(DiskInUseException.class);
    }
    assertFree(image, ImageLock.WRITE);
    ImageLock.requireUnused(image);
  }

  @Test
  void seesThatQemuReads() throws IOException {
    try (Running qemu = Running.qemuIo("-r", "-f", "qcow2", image)) {
      assertInUse(image, ImageLock.WRITE, "open by qemu-io (process " + qemu.process().pid());
      assertFree(image, ImageLock.READ);
      ImageLock.requireUnused(image);
    }
  }

  @Test
  void seesAMachineThatRuns() throws IOException {
    Running machine =
        Running.start(
            "qemu-system-x86_64",
            "prelaunch",
            "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}\n",
            "-name",
            "guest=web1,debug-threads=on",
            "-S",
            "-display",
            "none",
            "-nodefaults",
            "-qmp",
            "stdio",
            "-drive",
            "file=" + image + ",format=qcow2,if=virtio");
    try (machine) {
      assertInUse(image, ImageLock.WRITE, "qemu-system-x86");
      assertInUse(image, ImageLock.READ, ", machine web1)");
      assertThatThrownBy(() -> Image.open(image, VERIFYING))
          .isInstanceOfSatisfying(
              DiskInUseException.class, e -> assertThat(e.machine()).contains("web1"));
      Image.open(image, VERIFYING.with(ImageOptions.Locking.WRITTEN)).close();
    }
    assertFree(image, ImageLock.WRITE);
  }

  @Test
  void qemuSeesThatWeWrite() throws IOException {
    Oracle qemuIo = Oracle.named("qemu-io");
    try (LocalFile file = LocalFile.open(image, true)) {
      file.lock(ImageLock.WRITE);
      qemuIo.run("-f", "qcow2", image, "-c", "read 0 1024").exits(1).says("Failed to get");
      qemuIo.run("-r", "-f", "qcow2", image, "-c", "read 0 1024").exits(1).says("Failed to get");
      Oracle.named("qemu-img").run("info", image).exits(1).says("Failed to get shared \"write\"");
      Oracle.named("qemu-system-x86_64")
          .run(
              "-S",
              "-display",
              "none",
              "-nodefaults",
              "-drive",
              "file=" + image + ",format=qcow2,if=virtio")
          .exits(1)
          .says("Failed to get \"write\" lock");
    }
    qemuIo.run("-f", "qcow2", image, "-c", "read 0 1024").succeeds();
  }

  /// Reading a raw image, QEMU does not mind writers; writing it, it does.
  @Test
  void qemuSeesThatWeWriteRaw() throws IOException {
    Path raw = dir.resolve("disk.raw");
    Files.write(raw, new byte[1 << 20]);
    try (LocalFile file = LocalFile.open(raw, true)) {
      file.lock(ImageLock.WRITE);
      Oracle.named("qemu-io")
          .run("-f", "raw", raw, "-c", "read 0 1024")
          .exits(1)
          .says("Failed to get \"write\" lock");
    }
    try (Running qemu = Running.qemuIo("-f", "raw", raw)) {
      assertInUse(raw, ImageLock.READ, "qemu-io (process " + qemu.process().pid());
      assertInUse(raw, ImageLock.WRITE, "qemu-io (process " + qemu.process().pid());
    }
  }

  @Test
  void qemuSeesThatWeRead() throws IOException {
    Oracle qemuIo = Oracle.named("qemu-io");
    try (LocalFile file = LocalFile.open(image, false)) {
      file.lock(ImageLock.READ);
      qemuIo.run("-f", "qcow2", image, "-c", "read 0 1024").exits(1).says("\"write\" lock");
      qemuIo.run("-r", "-f", "qcow2", image, "-c", "read 0 1024").succeeds();
    }
  }

  @Test
  void twoOfUsKeepOutOfEachOthersWay() throws IOException {
    try (LocalFile reader = LocalFile.open(image, false);
        LocalFile second = LocalFile.open(image, false)) {
      reader.lock(ImageLock.READ);
      second.lock(ImageLock.READ);
      assertInUse(image, ImageLock.WRITE, "in use");
    }
    try (LocalFile writer = LocalFile.open(image, true)) {
      writer.lock(ImageLock.WRITE);
      assertInUse(image, ImageLock.WRITE, "in this process");
      assertInUse(image, ImageLock.READ, "in this process");
    }
  }

  @Test
  void aRefusedLockLeavesNothingLocked() throws IOException {
    try (LocalFile reader = LocalFile.open(image, false);
        LocalFile writer = LocalFile.open(image, true)) {
      reader.lock(ImageLock.READ);
      assertThatThrownBy(() -> writer.lock(ImageLock.WRITE)).isInstanceOf(DiskInUseException.class);
      Oracle.named("qemu-io").run("-r", "-f", "qcow2", image, "-c", "read 0 1024").succeeds();
    }
  }

  @Test
  void whoeverWritesIsFound() throws IOException {
    ImageLock.requireUnused(image);
    try (var stream = Files.newOutputStream(image)) {
      stream.write(1);
      assertThatThrownBy(() -> ImageLock.requireUnused(image))
          .isInstanceOf(DiskInUseException.class)
          .hasMessageContaining("open in this process");
    }
    ImageLock.requireUnused(image);
  }

  @Test
  void whatTheKernelHasIsFound() throws IOException {
    Oracle losetup = Oracle.named("losetup");
    Oracle.Run loop = losetup.run("--find", "--show", image);
    assumeThat(loop.exit()).as("loop devices: " + loop.err()).isZero();
    Path device = Path.of(loop.out().strip());
    try {
      assertThatThrownBy(() -> ImageLock.requireUnused(image))
          .isInstanceOf(DiskInUseException.class)
          .hasMessageContaining("is in use: the disk behind " + device.getFileName());
      ImageLock.requireUnused(device);
      try (LocalFile file = LocalFile.open(device, true)) {
        assertThat(file.size()).isEqualTo(Files.size(image) / 512 * 512);
        assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> LocalFile.open(device, true))
            .isInstanceOf(DiskInUseException.class)
            .hasMessageContaining("mounted");
      }
    } finally {
      losetup.run("--detach", device).succeeds();
    }
  }
}
