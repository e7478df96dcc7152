package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every written format keeps: a process that ends, and a host that fails, at any point leave
/// an image that is sound and has all bytes that were synced. A subclass names the format, the
/// layouts to try, and asks the peer.
public abstract class CrashContract {
  private static final int SIZE = 1 << 20;
  private static final int SECTOR = 512;

  @TempDir Path dir;

  /// The format under test.
  protected abstract ImageFormat format();

  /// Create options to try, each as `name=value,…`; "" for the defaults.
  protected abstract List<String> layouts();

  /// Fails unless the other implementation takes the image, or repairs it without loss of guest
  /// bytes; asked for one cut in some hundreds.
  ///
  /// @param report what our own check found
  protected abstract void peerAccepts(Path image, VerifyReport report) throws IOException;

  /// What opens the images, if they are encrypted.
  protected Optional<Passphrase> passphrase() {
    return Optional.empty();
  }

  private OpenedFormat open(MemoryFile file, boolean writable) throws IOException {
    return format()
        .openOwning(
            file,
            new FormatOpenOptions(
                writable, Optional.empty(), false, Companions.none(), passphrase()));
  }

  /// Guest bytes in the images, at first; at least 1 MiB.
  protected int size() {
    return SIZE;
  }

  /// One cut in how many is shown to the peer.
  protected int peerOdds() {
    return 500;
  }

  /// Operations in one life of an image.
  protected int operations() {
    return 60;
  }

  private record Operation(int firstChange, long from, long to) {}

  private record SyncPoint(int change, MemorySegment content) {}

  /// What was done to an image, and what it held when.
  private final class Life {
    final RecordedFile file;
    final List<Operation> operations = new ArrayList<>();
    final List<SyncPoint> syncs = new ArrayList<>();
    byte[] model;

    Life(byte[] image, byte[] content) {
      file = new RecordedFile(image);
      model = content;
      syncs.add(new SyncPoint(0, MemorySegment.ofArray(content.clone())));
    }

    void live(Random random, int count) throws IOException {
      OpenedFormat open = open(file, true);
      FormatDisk image = new FormatDisk(open, Optional.empty());
      try (Disk disk = Disk.owning(image)) {
        for (int i = 0; i < count; i++) {
          step(disk, image, open.packer(), random);
        }
      }
    }

    private void step(Disk disk, FormatDisk image, Optional<UnitPacker> packer, Random random)
        throws IOException {
      int offset = random.nextInt(model.length);
      int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(17)));
      DiskCapabilities can = disk.capabilities();
      switch (random.nextInt(9)) {
        case 3 -> {
          change(offset, offset + length);
          disk.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          Arrays.fill(model, offset, offset + length, (byte) 0);
        }
        case 4 -> {
          if (can.discard()) {
            change(offset, offset + length);
            disk.discard(offset, length);
            model = disk.readBytes(0, model.length);
          }
        }
        case 5 -> disk.flush();
        case 6 -> {
          disk.sync();
          syncs.add(new SyncPoint(file.changes().size(), MemorySegment.ofArray(model.clone())));
        }
        case 7 -> writePacked(image, packer, offset, random);
        case 8 -> {
          if (can.resizable()) {
            resize(disk, size() + random.nextInt(size()) / SECTOR * SECTOR);
          }
        }
        default -> {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          change(offset, offset + length);
          disk.writeBytes(offset, bytes);
          System.arraycopy(bytes, 0, model, offset, length);
        }
      }
    }

    private void writePacked(
        FormatDisk image, Optional<UnitPacker> packer, int offset, Random random)
        throws IOException {
      if (packer.isEmpty()) {
        return;
      }
      int unit = packer.get().unitLength();
      byte[] plain = new byte[unit];
      Arrays.fill(plain, (byte) random.nextInt());
      MemorySegment packed = packer.get().pack(MemorySegment.ofArray(plain)).orElseThrow();
      int start = offset / unit * unit;
      int end = Math.min(start + unit, model.length);
      change(start, end);
      image.writeCompressed(start, packed);
      Arrays.fill(model, start, end, plain[0]);
    }

    /// Formats that only grow, or round, decide the new size.
    private void resize(Disk disk, long wanted) throws IOException {
      long old = disk.size();
      change(Math.min(old, wanted), Long.MAX_VALUE);
      try {
        disk.resize(wanted);
      } catch (UnsupportedFeatureException cannot) {
        return;
      }
      model = Arrays.copyOf(model, Math.toIntExact(disk.size()));
    }

    private void change(long from, long to) {
      operations.add(new Operation(file.changes().size(), from, to));
    }

    /// The bytes that were synced before change `cut` and not touched since.
    void assertKept(byte[] found, int cut, String when) {
      SyncPoint last = syncs.stream().filter(s -> s.change() <= cut).toList().getLast();
      byte[] expected = last.content().toArray(ValueLayout.JAVA_BYTE);
      int length = Math.min(expected.length, found.length);
      for (Operation done : operations) {
        if (done.firstChange() >= last.change() && done.firstChange() <= cut) {
          int from = Math.toIntExact(Math.min(done.from(), length));
          int to = Math.toIntExact(Math.min(done.to(), length));
          System.arraycopy(found, from, expected, from, to - from);
        }
      }
      int difference = Arrays.mismatch(expected, 0, length, found, 0, length);
      assertThat(difference).as("%s: first synced byte that was lost", when).isEqualTo(-1);
    }
  }

  private static Map<String, String> options(String layout) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : layout.isEmpty() ? new String[0] : layout.split(",")) {
      options.put(option.split("=")[0], option.split("=")[1]);
    }
    return options;
  }

  private Life begin(String layout, Random random) throws IOException {
    MemoryFile created = new MemoryFile();
    CreateOptions options =
        new CreateOptions(size(), Optional.empty(), options(layout), passphrase());
    format().create(created, options, Companions.none());
    byte[] content;
    OpenedFormat open = open(new MemoryFile(created.toBytes()), false);
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      content = disk.readBytes(0, Math.toIntExact(disk.size()));
    }
    Life first = new Life(created.toBytes(), content);
    first.live(random, operations() / 3);
    return new Life(first.file.toBytes(), first.model);
  }

  @Test
  void theEndOfTheProcessLosesNothingSynced() {
    for (String layout : layouts()) {
      Seeds.run(2, random -> cutEverywhere(layout, random));
    }
  }

  private void cutEverywhere(String layout, Random random) throws IOException {
    Life life = begin(layout, random);
    MemoryFile replay = new MemoryFile(life.file.toBytes());
    life.live(random, operations());
    for (int i = 0; i < life.file.changes().size(); i++) {
      RecordedFile.Change change = life.file.changes().get(i);
      change.apply(replay);
      if (!change.isSync()) {
        assertSound(life, replay.toBytes(), i, layout + ": cut after change " + i, random);
      }
    }
  }

  /// Between two syncs, any of the writes may be on the medium when the host fails.
  @Test
  void theFailureOfTheHostLosesNothingSynced() {
    for (String layout : layouts()) {
      Seeds.run(2, random -> loseWrites(layout, random));
    }
  }

  private void loseWrites(String layout, Random random) throws IOException {
    Life life = begin(layout, random);
    MemoryFile durable = new MemoryFile(life.file.toBytes());
    life.live(random, operations());
    List<RecordedFile.Change> changes = life.file.changes();
    int done = 0;
    for (int i = 0; i <= changes.size(); i++) {
      if (i == changes.size() || changes.get(i).isSync()) {
        List<RecordedFile.Change> loose = changes.subList(done, i);
        for (int trial = 0; trial < 3 && !loose.isEmpty(); trial++) {
          MemoryFile lossy = new MemoryFile(durable.toBytes());
          someOf(loose, random).forEach(change -> change.apply(lossy));
          String when = "%s: some of the changes %d–%d lost".formatted(layout, done, i);
          assertSound(life, lossy.toBytes(), Math.max(0, i - 1), when, random);
        }
        loose.forEach(change -> change.apply(durable));
        done = i;
      }
    }
  }

  private static List<RecordedFile.Change> someOf(
      List<RecordedFile.Change> changes, Random random) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    return order.subList(0, random.nextInt(order.size() + 1)).stream()
        .sorted()
        .map(changes::get)
        .toList();
  }

  private void assertSound(Life life, byte[] image, int cut, String when, Random random)
      throws IOException {
    VerifyReport report;
    OpenedFormat open = open(new MemoryFile(image), false);
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      report = open.verify(JobContext.SILENT);
      assertThat(report.corruptions() + report.checkErrors())
          .as("%s: %s", when, report.findings())
          .isZero();
      life.assertKept(disk.readBytes(0, Math.toIntExact(disk.size())), cut, when);
    }
    if (random.nextInt(peerOdds()) == 0) {
      Path file = dir.resolve("cut." + format().name());
      Files.write(file, image);
      peerAccepts(file, report);
    }
  }
}
