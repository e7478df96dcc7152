package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.BackingReference;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnitPacker;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A process that ends, and a host that fails, at any point of a write leave an image without
/// corruption.
class CrashTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  static Stream<String> layouts() {
    return Stream.of(
        "cluster_size=4096",
        "cluster_size=512,refcount_bits=64",
        "cluster_size=1024,refcount_bits=1,compat=1.1",
        "cluster_size=2048,compat=0.10",
        "cluster_size=16384,extended_l2=on");
  }

  /// Remembers everything that changes the file.
  private static final class RecordedFile extends MemoryFile {
    /// One change; no bytes and no length for a sync.
    private record Change(long offset, MemorySegment bytes, long newSize, long hole) {
      boolean isSync() {
        return bytes.byteSize() == 0 && newSize < 0 && hole == 0;
      }

      void apply(MemoryFile file) {
        if (newSize >= 0) {
          file.truncate(newSize);
        } else if (hole > 0) {
          file.truncate(Math.max(file.size(), offset + hole));
          file.punchHole(offset, hole);
        } else if (bytes.byteSize() > 0) {
          file.write(offset, bytes);
        }
      }
    }

    private static MemorySegment copy(MemorySegment src) {
      return MemorySegment.ofArray(src.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    }

    final List<Change> changes = new ArrayList<>();

    RecordedFile(byte[] content) {
      super(content);
    }

    @Override
    public void write(long offset, MemorySegment src) {
      super.write(offset, src);
      changes.add(new Change(offset, copy(src), -1, 0));
    }

    @Override
    public void truncate(long newSize) {
      super.truncate(newSize);
      changes.add(new Change(0, MemorySegment.NULL, newSize, 0));
    }

    @Override
    public void punchHole(long offset, long length) {
      super.punchHole(offset, length);
      changes.add(new Change(offset, MemorySegment.NULL, -1, length));
    }

    @Override
    public void sync() {
      changes.add(new Change(0, MemorySegment.NULL, -1, 0));
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void theEndOfTheProcessLeavesNoCorruption(String layout) {
    Seeds.run(5, random -> cutEverywhere(layout, random));
  }

  private void cutEverywhere(String layout, Random random) throws IOException {
    MemoryFile created = new MemoryFile();
    boolean overlay = random.nextBoolean();
    Optional<BackingReference> below =
        overlay ? Optional.of(new BackingReference("below", Optional.of("raw"))) : Optional.empty();
    new Qcow2Format().create(created, new CreateOptions(SIZE, below, Images.options(layout)));
    byte[] start = created.toBytes();
    RecordedFile recorded = new RecordedFile(start);
    use(recorded, overlay, random, 60);
    MemoryFile replay = new MemoryFile(start);
    for (int i = 0; i < recorded.changes.size(); i++) {
      recorded.changes.get(i).apply(replay);
      if (!recorded.changes.get(i).isSync()) {
        assertConsistent(replay.toBytes(), random.nextInt(500) == 0, "cut after change " + i);
      }
    }
  }

  /// Between two syncs, any of the writes may be on the medium when the host fails.
  @ParameterizedTest
  @MethodSource("layouts")
  void theFailureOfTheHostLeavesNoCorruption(String layout) {
    Seeds.run(5, random -> loseWrites(layout, random));
  }

  private void loseWrites(String layout, Random random) throws IOException {
    MemoryFile created = new MemoryFile();
    new Qcow2Format()
        .create(created, new CreateOptions(SIZE, Optional.empty(), Images.options(layout)));
    RecordedFile first = new RecordedFile(created.toBytes());
    use(first, false, random, 20);
    byte[] start = first.toBytes();
    RecordedFile recorded = new RecordedFile(start);
    use(recorded, false, random, 60);
    MemoryFile durable = new MemoryFile(start);
    int done = 0;
    for (int i = 0; i <= recorded.changes.size(); i++) {
      if (i == recorded.changes.size() || recorded.changes.get(i).isSync()) {
        List<RecordedFile.Change> loose = recorded.changes.subList(done, i);
        for (int trial = 0; trial < 3 && !loose.isEmpty(); trial++) {
          MemoryFile lossy = new MemoryFile(durable.toBytes());
          for (RecordedFile.Change change : someOf(loose, random)) {
            change.apply(lossy);
          }
          assertConsistent(
              lossy.toBytes(), random.nextInt(500) == 0, "lost some of %d–%d".formatted(done, i));
        }
        loose.forEach(change -> change.apply(durable));
        done = i;
      }
    }
  }

  private static List<RecordedFile.Change> someOf(
      List<RecordedFile.Change> changes, Random random) {
    List<RecordedFile.Change> some = new ArrayList<>(changes);
    Collections.shuffle(some, random);
    List<RecordedFile.Change> kept =
        new ArrayList<>(some.subList(0, random.nextInt(some.size() + 1)));
    kept.sort(java.util.Comparator.comparingInt(changes::indexOf));
    return kept;
  }

  private static void use(RecordedFile file, boolean overlay, Random random, int operations)
      throws IOException {
    Optional<Disk> backing =
        overlay ? Optional.of(Disk.owning(new MemoryDriver(new byte[SIZE]))) : Optional.empty();
    OpenedFormat format = new Qcow2Format().openOwning(file, FormatOpenOptions.readWrite());
    UnitPacker packer = format.packer().orElseThrow();
    int unit = packer.unitLength();
    MemorySegment packed = packer.pack(MemorySegment.ofArray(new byte[unit])).orElseThrow();
    try (Disk disk = Disk.owning(new FormatDisk(format, backing))) {
      disk.writeBytes(0, new byte[1]);
      for (int i = 0; i < operations; i++) {
        int size = Math.toIntExact(disk.size());
        int offset = random.nextInt(size);
        int length = 1 + random.nextInt(Math.min(size - offset, 1 << random.nextInt(17)));
        switch (random.nextInt(9)) {
          case 0, 1, 2 -> disk.writeBytes(offset, new byte[length]);
          case 3 -> disk.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          case 4 -> disk.discard(offset, length);
          case 5 -> disk.flush();
          case 6 -> disk.sync();
          case 7 -> format.writeCompressed((long) offset / unit * unit, packed);
          default -> disk.resize(SIZE / 2 + random.nextInt(2 * SIZE) / 512 * 512L);
        }
      }
    }
  }

  private void assertConsistent(byte[] image, boolean asksQemu, String when) throws IOException {
    VerifyReport report;
    try (OpenedFormat open =
        new Qcow2Format().openOwning(new MemoryFile(image), FormatOpenOptions.readOnly())) {
      report = open.verify(JobContext.SILENT);
    }
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", when, report.findings())
        .isZero();
    if (asksQemu) {
      Path file = dir.resolve("cut.qcow2");
      Files.write(file, image);
      Files.write(dir.resolve("below"), new byte[SIZE]);
      Oracle.Run check = Qemu.img().run("check", "--output", "json", file).exits(0, 3);
      assertThat(Qemu.number(check.out(), "corruptions")).as(when).isZero();
      assertThat(Qemu.number(check.out(), "leaks")).as(when).isEqualTo(report.leaks());
    }
  }
}
