package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Images that QEMU's tools made, for the formats that are only read here.
public final class Imports {
  private Imports() {}

  /// QEMU's tool for images.
  public static Oracle qemuImg() {
    return Oracle.named("qemu-img");
  }

  /// Writes some runs and zeroes some, at random.
  ///
  /// @param size of the disk, in bytes
  public static void writeSome(Path image, String format, long size, Random random) {
    List<Object> words = new ArrayList<>(List.of("-f", format));
    for (int i = 0; i < 16; i++) {
      long at = random.nextLong(size / 512) * 512;
      long length = Math.min(size - at, (1 + random.nextInt(400)) * 512L);
      words.add("-c");
      words.add(
          random.nextInt(4) == 0
              ? "write -z %d %d".formatted(at, length)
              : "write -P %d %d %d".formatted(1 + random.nextInt(255), at, length));
    }
    words.add(image);
    Oracle.named("qemu-io").run(words.toArray()).succeeds();
  }

  /// Writes clusters of `content` to an image of the same size as QEMU compresses them, every
  /// second one not.
  public static void writeCompressed(Path image, String format, Path content, int cluster)
      throws IOException {
    List<Object> words = new ArrayList<>(List.of("-f", format));
    long size = Files.size(content);
    Path piece = content.resolveSibling(content.getFileName() + ".piece");
    for (long at = 0; at + cluster <= size; at += cluster) {
      Path part = Path.of(piece.toString() + at);
      Files.write(
          part, Arrays.copyOfRange(Files.readAllBytes(content), (int) at, (int) at + cluster));
      words.add("-c");
      words.add(
          "write %s -s %s %d %d".formatted(at / cluster % 2 == 0 ? "-c" : "", part, at, cluster));
    }
    words.add(image);
    Oracle.named("qemu-io").run(words.toArray()).succeeds();
  }

  /// The guest's bytes, as QEMU reads them.
  public static byte[] qemuRead(Path image, String format) throws IOException {
    Path raw = image.resolveSibling(image.getFileName() + ".raw");
    qemuImg().run("convert", "-f", format, "-O", "raw", image, raw).succeeds();
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }

  /// The guest's bytes, as we read them, the format found by probing.
  public static byte[] read(Path image) throws IOException {
    try (Image open = Image.open(image, ImageOptions.reading())) {
      return open.disk().readBytes(0, Math.toIntExact(open.disk().size()));
    }
  }

  /// Reads an image in three ways, which must agree with `expected`: whole, in pieces at random,
  /// and as its extents say what reads as zeroes.
  public static void assertReads(Path image, String format, byte[] expected, Random random)
      throws IOException {
    try (Image open = Image.open(image, ImageOptions.reading())) {
      assertThat(open.format()).isEqualTo(format);
      Disk disk = open.disk();
      assertThat(disk.size()).isEqualTo(expected.length);
      assertThat(Arrays.mismatch(disk.readBytes(0, expected.length), expected)).isEqualTo(-1);
      for (int i = 0; i < 200; i++) {
        int at = random.nextInt(expected.length);
        int length = random.nextInt(Math.min(expected.length - at, 100_000) + 1);
        assertThat(
                Arrays.mismatch(
                    disk.readBytes(at, length), Arrays.copyOfRange(expected, at, at + length)))
            .isEqualTo(-1);
      }
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        if (extent.readsZero()) {
          MemorySegment run = MemorySegment.ofArray(expected).asSlice(at, extent.length());
          byte[] zeroes = new byte[Math.toIntExact(extent.length())];
          assertThat(run.mismatch(MemorySegment.ofArray(zeroes))).isEqualTo(-1);
        }
        at = extent.end();
      }
    }
  }

  /// Our verification counts what `qemu-img check` does.
  public static void assertSameCheck(Path image, String format) throws IOException {
    Oracle.Run check =
        qemuImg().run("check", "-f", format, "--output", "json", image).exits(0, 2, 3);
    try (Image open =
        Image.open(image, ImageOptions.reading().with(ImageOptions.Access.METADATA))) {
      VerifyReport ours = open.verify(JobContext.SILENT);
      assertThat(
              List.of(
                  ours.corruptions(),
                  ours.leaks(),
                  ours.checkErrors(),
                  ours.imageEndOffset(),
                  ours.totalClusters(),
                  ours.allocatedClusters(),
                  ours.fragmentedClusters()))
          .as(check.out() + check.err() + ours.findings())
          .isEqualTo(
              List.of(
                  number(check, "corruptions"),
                  number(check, "leaks"),
                  number(check, "check-errors"),
                  number(check, "image-end-offset"),
                  number(check, "total-clusters"),
                  number(check, "allocated-clusters"),
                  number(check, "fragmented-clusters")));
    }
  }

  private static long number(Oracle.Run check, String key) {
    Matcher found = Pattern.compile("\"" + key + "\": (\\d+)").matcher(check.out());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /// Bytes that compress a little: some random, some zero, some repeated.
  public static byte[] content(int size, Random random) {
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; ) {
      int length = Math.min(size - at, 1 + random.nextInt(200_000));
      switch (random.nextInt(3)) {
        case 0 -> {}
        case 1 -> {
          byte[] noise = new byte[length];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, bytes, at, length);
        }
        default -> {
          for (int i = 0; i < length; i++) {
            bytes[at + i] = (byte) (i % 37 * (i >> 9));
          }
        }
      }
      at += length;
    }
    return bytes;
  }
}
