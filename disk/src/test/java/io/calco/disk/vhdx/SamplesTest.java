package io.calco.disk.vhdx;

import static io.calco.disk.vhdx.Images.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real images that Windows made.
class SamplesTest {
  @TempDir Path dir;

  @Test
  void areReadAsExpected() throws IOException, GeneralSecurityException {
    String expected = Files.readString(Shared.path("samples/EXPECTED.json"));
    Matcher found =
        Pattern.compile(
                "\\{[^{}]*\"file\": \"discutils/btrfs.vhdx\"[^{}]*\"sha256\": \"([0-9a-f]*)\"")
            .matcher(expected);
    assertThat(found.find()).isTrue();
    try (Image image =
        Images.open(Shared.sample("discutils/btrfs.vhdx"), ImageOptions.Access.READ)) {
      assertThat(sha256(image.disk())).isEqualTo(found.group(1));
    }
  }

  /// The larger ones, most of whose bytes are holes.
  @ParameterizedTest
  @ValueSource(strings = {"lvm2", "swap", "xfs", "xfs5"})
  void readAsQemuReadsThem(String name) throws IOException {
    Path sample = Shared.sample("discutils/%s.vhdx".formatted(name));
    Path raw = dir.resolve(name + ".raw");
    Oracle.named("qemu-img").run("convert", "-f", "vhdx", "-O", "raw", sample, raw).succeeds();
    try (Image image = Images.open(sample, ImageOptions.Access.READ);
        Image theirs = Image.open(raw, ImageOptions.reading().withFormat("raw"))) {
      assertThat(image.disk().size()).isEqualTo(theirs.disk().size());
      assertThat(DiskCompare.firstDifference(image.disk(), theirs.disk(), JobContext.SILENT))
          .isEmpty();
      assertThat(image.verify(JobContext.SILENT).corruptions()).isZero();
      assertThat(image.risks()).isEmpty();
    }
  }

  private static String sha256(Disk disk) throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[1 << 20];
    for (long at = 0; at < disk.size(); at += piece.length) {
      int length = (int) Math.min(piece.length, disk.size() - at);
      disk.read(at, MemorySegment.ofArray(piece).asSlice(0, length));
      digest.update(piece, 0, length);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// Read without a change to the file; replayed by us; replayed by QEMU: all the same.
  @Test
  void theLogIsReplayedAsQemuReplaysIt() throws IOException, GeneralSecurityException {
    Path sample = Shared.sample("discutils/vhdx-log-replay.vhdx");
    Path theirs = Files.copy(sample, dir.resolve("theirs.vhdx"));
    Path ours = Files.copy(sample, dir.resolve("ours.vhdx"));
    String read;
    try (Image image = Images.open(ours, ImageOptions.Access.READ)) {
      assertThat(image.info().dirty()).isTrue();
      assertThat(image.verify(JobContext.SILENT).corruptions()).isZero();
      read = sha256(image.disk());
    }
    assertThat(Files.mismatch(sample, ours)).isEqualTo(-1);
    Oracle.named("qemu-img").run("check", "-f", "vhdx", "-r", "all", theirs).succeeds();
    try (Image image = Images.open(theirs, ImageOptions.Access.READ)) {
      assertThat(sha256(image.disk())).isEqualTo(read);
    }
    try (Image image = Images.open(ours, ImageOptions.Access.REPAIR)) {
      assertThat(image.repair(RepairScope.ALL, JobContext.SILENT).corruptionsFixed()).isPositive();
    }
    Oracle.named("qemu-img").run("compare", "-f", "vhdx", "-F", "vhdx", theirs, ours).succeeds();
    try (Image image = Images.open(ours, ImageOptions.Access.READ)) {
      assertThat(image.info().dirty()).isFalse();
      assertThat(sha256(image.disk())).isEqualTo(read);
    }
    assertThat(differenceAfterHeaders(ours, theirs)).isEqualTo(-1);
  }

  /// Headers have numbers of their own.
  private static long differenceAfterHeaders(Path one, Path other) throws IOException {
    byte[] first = Files.readAllBytes(one);
    byte[] second = Files.readAllBytes(other);
    java.util.Arrays.fill(first, 0, 192 << 10, (byte) 0);
    java.util.Arrays.fill(second, 0, 192 << 10, (byte) 0);
    return java.util.Arrays.mismatch(first, second);
  }

  @Test
  void changedImagesAreStillGood() throws IOException {
    Path image = Files.copy(Shared.sample("discutils/swap.vhdx"), dir.resolve("swap.vhdx"));
    byte[] model;
    try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
      model = open.disk().readBytes(0, 64 << 20);
      java.util.Random random = new java.util.Random(9);
      for (int i = 0; i < 20; i++) {
        model = Images.change(open.disk(), model, random);
      }
    }
    Oracle.named("qemu-img").run("check", "-f", "vhdx", image).succeeds();
    Path raw = dir.resolve("swap.raw");
    Oracle.named("qemu-img").run("convert", "-O", "raw", image, raw).succeeds();
    try (var channel = java.nio.channels.FileChannel.open(raw)) {
      byte[] found = new byte[64 << 20];
      channel.read(java.nio.ByteBuffer.wrap(found));
      assertSame(found, model);
    }
  }
}
