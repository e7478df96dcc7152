package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.InternalSnapshots;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RecordedFile;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A change of snapshots that was cut off, or of which the host lost writes that were not synced,
/// has happened or not; no snapshot and no guest byte is lost.
class SnapshotCrashTest {
  private static final int SIZE = 256 << 10;

  private final Qcow2Format format = new Qcow2Format();

  /// What an image shows: the disk under "", snapshots by name.
  private record State(Map<String, byte[]> contents) {
    boolean same(State other) {
      return contents.keySet().equals(other.contents.keySet())
          && contents.entrySet().stream()
              .allMatch(e -> Arrays.equals(e.getValue(), other.contents.get(e.getKey())));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=4096",
        "cluster_size=512",
        "cluster_size=2048,compat=0.10",
        "cluster_size=16384,extended_l2=on"
      })
  void aChangeIsWholeOrNot(String layout) {
    Seeds.run(1, random -> cutEverywhere(layout, random));
  }

  private void cutEverywhere(String layout, Random random) throws IOException {
    MemoryFile created = new MemoryFile();
    format.create(
        created,
        new CreateOptions(SIZE, Optional.empty(), Images.options(layout)),
        Companions.none());
    byte[] image = created.toBytes();
    for (int round = 0; round < 5; round++) {
      image = write(image, random);
      image = change(image, random);
    }
  }

  private byte[] write(byte[] image, Random random) throws IOException {
    MemoryFile file = new MemoryFile(image);
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()))) {
      for (int i = 0; i < 4; i++) {
        byte[] bytes = new byte[1 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        disk.writeBytes(random.nextInt((int) disk.size() - bytes.length), bytes);
      }
      if (!layoutIsVersion2(image) && random.nextInt(3) == 0) {
        disk.resize(SIZE + random.nextInt(SIZE) / 512 * 512);
      }
    }
    return file.toBytes();
  }

  private static boolean layoutIsVersion2(byte[] image) {
    return image[7] == 2;
  }

  private byte[] change(byte[] image, Random random) throws IOException {
    State before = state(image);
    RecordedFile recorded = new RecordedFile(image);
    OpenedFormat open = format.openOwning(recorded, FormatOpenOptions.readWrite());
    try (open) {
      InternalSnapshots snapshots = open.snapshots().orElseThrow();
      open.beginWrites();
      List<FormatInfo.Snapshot> all = snapshots.list();
      String some = all.isEmpty() ? "" : all.get(random.nextInt(all.size())).name();
      switch (all.isEmpty() ? 0 : random.nextInt(3)) {
        case 1 -> snapshots.apply(some);
        case 2 -> snapshots.delete(some);
        default -> snapshots.create("s" + random.nextInt(1 << 20));
      }
    }
    byte[] done = recorded.toBytes();
    assertThat(verify(done).clean()).isTrue();
    State after = state(done);
    List<RecordedFile.Change> changes = recorded.changes();
    MemoryFile cut = new MemoryFile(image);
    MemoryFile durable = new MemoryFile(image);
    List<RecordedFile.Change> loose = new ArrayList<>();
    for (RecordedFile.Change change : changes) {
      change.apply(cut);
      assertEither(cut.toBytes(), before, after);
      if (change.isSync()) {
        durable = new MemoryFile(cut.toBytes());
        loose.clear();
      } else {
        loose.add(change);
        MemoryFile lossy = new MemoryFile(durable.toBytes());
        loose.stream().filter(c -> random.nextBoolean()).forEach(c -> c.apply(lossy));
        assertEither(lossy.toBytes(), before, after);
      }
    }
    return done;
  }

  private void assertEither(byte[] image, State before, State after) throws IOException {
    State now = state(image);
    assertThat(now.same(before) || now.same(after)).isTrue();
    MemoryFile mended = new MemoryFile(image);
    if (layoutIsVersion2(image)) {
      FormatOpenOptions repairing = new FormatOpenOptions(true, Optional.empty(), true);
      try (OpenedFormat open = format.openOwning(mended, repairing)) {
        open.repair(RepairScope.ALL, JobContext.SILENT);
      }
    } else {
      try (OpenedFormat open = format.openOwning(mended, FormatOpenOptions.readWrite())) {
        open.beginWrites();
      }
    }
    VerifyReport report = verify(mended.toBytes());
    assertThat(report.corruptions() + report.checkErrors()).as("%s", report.findings()).isZero();
    State later = state(mended.toBytes());
    assertThat(later.same(now)).isTrue();
  }

  private VerifyReport verify(byte[] image) throws IOException {
    try (OpenedFormat open =
        format.openOwning(new MemoryFile(image), FormatOpenOptions.readOnly())) {
      return open.verify(JobContext.SILENT);
    }
  }

  private State state(byte[] image) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    List<FormatInfo.Snapshot> all;
    OpenedFormat open = format.openOwning(new MemoryFile(image), FormatOpenOptions.readOnly());
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      contents.put("", disk.readBytes(0, (int) disk.size()));
      all = open.snapshots().orElseThrow().list();
    }
    for (FormatInfo.Snapshot snapshot : all) {
      FormatOpenOptions then = new FormatOpenOptions(false, Optional.of(snapshot.id()), false);
      try (Disk disk =
          Disk.owning(
              new FormatDisk(format.openOwning(new MemoryFile(image), then), Optional.empty()))) {
        contents.put(snapshot.name(), disk.readBytes(0, (int) disk.size()));
      }
    }
    return new State(contents);
  }
}
