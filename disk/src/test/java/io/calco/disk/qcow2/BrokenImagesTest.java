package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.Passphrase;
import io.calco.disk.RepairScope;
import io.calco.disk.UnitPacker;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images with wrong metadata: found as QEMU finds it, mended, and never more than an exception of
/// ours.
class BrokenImagesTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  /// A small image with data, zero clusters, holes and, unless it is encrypted, compressed
  /// clusters; its passphrase is "x".
  static byte[] image(String layout, Random random) throws IOException {
    MemoryFile file = new MemoryFile();
    Qcow2Format format = new Qcow2Format();
    Optional<Passphrase> secret = Optional.of(Passphrase.of(new byte[] {'x'}));
    format.create(
        file,
        new CreateOptions(SIZE, Optional.empty(), Images.options(layout), secret),
        Companions.none());
    OpenedFormat open =
        format.openOwning(
            file, new FormatOpenOptions(true, Optional.empty(), false, Companions.none(), secret));
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      for (int i = 0; i < 20; i++) {
        byte[] bytes = new byte[1 + random.nextInt(40_000)];
        random.nextBytes(bytes);
        disk.writeBytes(random.nextInt(SIZE - bytes.length), bytes);
      }
      disk.writeZeroes(random.nextInt(SIZE / 2), SIZE / 4, ZeroMode.KEEP_ALLOCATED);
      for (int i = 0; i < 3 && open.packer().isPresent(); i++) {
        UnitPacker packer = open.packer().get();
        int unit = packer.unitLength();
        MemorySegment packed = packer.pack(MemorySegment.ofArray(new byte[unit])).orElseThrow();
        open.writeCompressed((long) random.nextInt(SIZE / unit) * unit, packed);
      }
    }
    return file.toBytes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=4096",
        "cluster_size=65536",
        "cluster_size=512,refcount_bits=8",
        "cluster_size=2048,compat=0.10",
        "cluster_size=16384,extended_l2=on"
      })
  void areFoundAsQemuFindsThemAndMended(String layout) {
    Qemu.img();
    Seeds.run(12, random -> breakAndMend(layout, random));
  }

  private void breakAndMend(String layout, Random random) throws IOException {
    byte[] image = image(layout, random);
    int damage = 1 + random.nextInt(3);
    for (int i = 0; i < damage; i++) {
      damageMetadata(image, random);
    }
    Path file = dir.resolve("broken.qcow2");
    Files.write(file, image);
    Oracle.Run before = Qemu.img().run("check", "--output", "json", file).exits(0, 1, 2, 3);
    if (before.exit() == 1) {
      return;
    }
    assertCounts(Images.verify(file), before);
    MemoryFile mended = new MemoryFile(image);
    VerifyReport report;
    try (OpenedFormat open =
        new Qcow2Format().openOwning(mended, new FormatOpenOptions(true, Optional.empty(), true))) {
      report = open.repair(RepairScope.ALL, JobContext.SILENT);
    }
    Files.write(file, mended.toBytes());
    Oracle.Run after = Qemu.img().run("check", "--output", "json", file).exits(0, 1, 2, 3);
    assertCounts(report, after);
  }

  /// A table of garbage is counted to the last entry by QEMU, and only refused here.
  private static void assertCounts(VerifyReport ours, Oracle.Run theirs) {
    if (theirs.err().contains("Table is not cluster aligned")) {
      assertThat(ours.corruptions()).isPositive();
      return;
    }
    String both =
        "ours: %s%nQEMU's: %s"
            .formatted(firstLines(ours.findings()), firstLines(theirs.err().lines().toList()));
    assertThat(ours.corruptions()).as(both).isEqualTo(Qemu.number(theirs.out(), "corruptions"));
    assertThat(ours.leaks()).as(both).isEqualTo(Qemu.number(theirs.out(), "leaks"));
  }

  private static String firstLines(List<String> lines) {
    return String.join("\n", lines.subList(0, Math.min(lines.size(), 12)));
  }

  /// Changes an L1 entry, an L2 entry or a refcount.
  private static void damageMetadata(byte[] image, Random random) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(image);
    Qcow2Header header = HeaderReader.read(new MemoryFile(image));
    Geometry g = header.geometry();
    long l1 = header.l1Offset();
    long l2 = L2Entry.hostOffset(bytes.get(Qcow2Layout.U64, l1));
    long block = bytes.get(Qcow2Layout.U64, header.refcountTableOffset());
    if (l2 < g.clusterSize()
        || block < g.clusterSize()
        || l2 + g.clusterSize() > image.length
        || block + g.clusterSize() > image.length) {
      return;
    }
    long at =
        switch (random.nextInt(6)) {
          case 0 -> l1;
          case 1 -> header.refcountTableOffset();
          case 2, 3 -> l2 + 8L * g.entryWords() * random.nextInt(Math.min(g.l2Entries(), 60));
          default -> block + random.nextInt(Math.min(g.clusterSize() / 8, 16)) * 8L;
        };
    long word = bytes.get(Qcow2Layout.U64, at);
    long changed =
        switch (random.nextInt(5)) {
          case 0 -> 0;
          case 1 -> word ^ L2Entry.COPIED;
          case 2 -> word ^ 1L << random.nextInt(64);
          case 3 -> word + g.clusterSize();
          default -> word ^ (long) random.nextInt(256) << 9;
        };
    bytes.set(Qcow2Layout.U64, at, changed);
  }
}
