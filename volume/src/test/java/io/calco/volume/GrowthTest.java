package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthTest {
  private static final int MIB = 1 << 20;

  @TempDir Path dir;

  @Test
  void growsRandomGptsAsSgdiskAndSfdiskAccept() {
    Seeds.run(
        8,
        random -> {
          Path file = TableTools.resize(dir.resolve("gpt.raw"), 24L * MIB);
          TableTools.sfdisk(file, randomGpt(random));
          check(file, random);
          TableTools.verifyGpt(file);
          Files.delete(file);
        });
  }

  @Test
  void growsRandomMbrsAsSfdiskAndPartedAccept() {
    Seeds.run(
        8,
        random -> {
          Path file = TableTools.resize(dir.resolve("mbr.raw"), 24L * MIB);
          TableTools.sfdisk(file, randomMbr(random));
          check(file, random);
          TableTools.verify(file);
          Files.delete(file);
        });
  }

  /// Grows the disk and its table; only the last partition may have changed, and only sectors of
  /// the table on the disk.
  private void check(Path file, Random random) throws IOException {
    PartitionTable before = TableTools.read(file);
    byte[] old = Files.readAllBytes(file);
    long size = old.length + random.nextLong(16L * MIB) / 512 * 512;
    TableTools.resize(file, size);
    PartitionTable after = TableTools.grow(file);
    assertThat(after.problems()).isEmpty();
    assertThat(TableTools.ours(after)).isEqualTo(TableTools.partx(file, 512));
    assertThat(after.uuid()).isEqualTo(before.uuid());
    before
        .last()
        .ifPresent(last -> {
          Partition grown = after.find(last.number()).orElseThrow();
          long room = before.name().equals("gpt") ? size - 33 * 512 : size;
          assertThat(grown.end()).isEqualTo(Math.max(last.end(), room / MIB * MIB));
          assertThat(grown.withEnd(last.end())).isEqualTo(last);
        });
    assertThat(after.partitions())
        .usingElementComparator((a, b) -> changedAlone(a, b, before.last().orElseThrow()))
        .isEqualTo(before.partitions());

    byte[] now = Files.readAllBytes(file);
    long dataStart = 34 * 512; // behind a GPT of 128 entries and an MBR
    for (int i = (int) dataStart; i < old.length - 33 * 512; i++) {
      if (old[i] != now[i] && before.name().equals("gpt")) {
        throw new AssertionError("changed at 0x" + Integer.toHexString(i));
      }
    }
    // A second time there is nothing to do.
    TableTools.grow(file);
    assertThat(Files.mismatch(Files.write(dir.resolve("now"), now), file)).isEqualTo(-1);
  }

  private static int changedAlone(Partition a, Partition b, Partition last) {
    boolean mayGrow = a.number() == last.number() || a.extended();
    return (mayGrow ? a.withEnd(b.end()) : a).equals(b) ? 0 : 1;
  }

  private static String randomGpt(Random random) {
    StringBuilder script = new StringBuilder("label: gpt\n");
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      script.append("size=%d, name=\"n%d\"%n".formatted(1 + random.nextInt(5000), i));
    }
    if (random.nextBoolean()) {
      script.append("type=linux\n");
    }
    return script.toString();
  }

  private static String randomMbr(Random random) {
    StringBuilder script = new StringBuilder("label: dos\n");
    int primary = random.nextInt(3);
    for (int i = 0; i < primary; i++) {
      script.append("size=%d%n".formatted(1 + random.nextInt(3000)));
    }
    if (random.nextInt(3) > 0) {
      script.append(random.nextBoolean() ? "type=5\n" : "type=f, size=26000\n");
      int logical = random.nextInt(5);
      for (int i = 0; i < logical; i++) {
        script.append("size=%d%n".formatted(1 + random.nextInt(3000)));
      }
    } else {
      script.append("type=83\n");
    }
    return script.toString();
  }

  @Test
  void growsWhatPartedMade() throws IOException {
    for (String label : List.of("gpt", "msdos")) {
      Path file = TableTools.resize(dir.resolve(label + ".raw"), 64L * MIB);
      Oracle parted = Oracle.named("parted");
      parted.run("--script", file, "mklabel", label).succeeds();
      parted.run("--script", file, "mkpart", "primary", "ext4", "1MiB", "20MiB").succeeds();
      if (label.equals("msdos")) {
        parted.run("--script", file, "mkpart", "extended", "20MiB", "100%").succeeds();
        parted.run("--script", file, "mkpart", "logical", "ext4", "21MiB", "30MiB").succeeds();
        parted.run("--script", file, "mkpart", "logical", "ext4", "31MiB", "100%").succeeds();
      } else {
        parted.run("--script", file, "mkpart", "second", "ext4", "20MiB", "100%").succeeds();
      }
      TableTools.resize(file, 10L << 30);
      PartitionTable grown = TableTools.grow(file);
      TableTools.verify(file);
      assertThat(TableTools.ours(grown)).isEqualTo(TableTools.partx(file, 512));
      assertThat(grown.last().orElseThrow().end())
          .isEqualTo((10L << 30) - (label.equals("gpt") ? MIB : 0));
    }
  }

  @Test
  void growsAnMbrToWhatItCanSay() throws IOException {
    Path file = TableTools.resize(dir.resolve("large.raw"), 64L * MIB);
    TableTools.sfdisk(file, "label: dos\ntype=83");
    TableTools.resize(file, 3L << 40);
    assertThat(TableTools.grow(file).last().orElseThrow().end()).isEqualTo((2L << 40) - MIB);
    TableTools.verify(file);
  }

  @Test
  void growsAGptBeyond2TiB() throws IOException {
    Path file = TableTools.resize(dir.resolve("large.raw"), 64L * MIB);
    TableTools.sfdisk(file, "label: gpt\ntype=linux");
    TableTools.resize(file, 5L << 40);
    assertThat(TableTools.grow(file).last().orElseThrow().end()).isEqualTo((5L << 40) - MIB);
    TableTools.verifyGpt(file);
  }

  @Test
  void aCrashAtAnyPointLeavesATableThatGrowsOn() throws IOException {
    for (String script :
        List.of(
            "label: gpt\nsize=1M\ntype=linux",
            "label: dos\nsize=1M\ntype=5\nsize=1M\nsize=1M\nsize=1M",
            "label: dos\ntype=83")) {
      Path file = TableTools.resize(dir.resolve("crash.raw"), 8L * MIB);
      TableTools.sfdisk(file, script);
      for (int newSize : new int[] {8 * MIB + 5120, 12 * MIB}) {
        byte[] start = Arrays.copyOf(Files.readAllBytes(file), newSize);
        int writes = crashEverywhere(start);
        assertThat(writes).isGreaterThanOrEqualTo(newSize == 12 * MIB ? 1 : 0);
      }
      Files.delete(file);
    }
  }

  private static int crashEverywhere(byte[] start) throws IOException {
    Disk before = Disk.owning(new MemoryDriver(start.clone()));
    RecordingDriver recorder = new RecordingDriver(start.clone());
    Disk disk = Disk.owning(recorder);
    PartitionTable old = PartitionTable.find(before).orElseThrow();
    PartitionTable grown = old.growToEnd(disk);
    for (int writes = 0; writes <= recorder.log.size(); writes++) {
      // The write that the crash hits arrives in part: none, one or half of its sectors.
      for (int torn = 0; torn < 3; torn++) {
        byte[] crashed = start.clone();
        recorder.replay(crashed, writes, torn);
        Disk after = Disk.owning(new MemoryDriver(crashed));
        PartitionTable found = PartitionTable.find(after).orElseThrow();
        assertThat(found.partitions()).hasSameSizeAs(old.partitions());
        assertThat(found.growToEnd(after).partitions()).isEqualTo(grown.partitions());
      }
    }
    return recorder.log.size();
  }

  /// A disk in memory that remembers its writes.
  private static final class RecordingDriver extends ForwardingDriver {
    private record Write(long offset, MemorySegment bytes) {
      void onto(byte[] disk, long length) {
        MemorySegment.copy(bytes, 0, MemorySegment.ofArray(disk), offset, length);
      }
    }

    private final List<Write> log = new ArrayList<>();

    RecordingDriver(byte[] bytes) {
      super(new MemoryDriver(bytes));
    }

    @Override
    public void write(long offset, MemorySegment src) throws IOException {
      log.add(new Write(offset, MemorySegment.ofArray(src.toArray(ValueLayout.JAVA_BYTE))));
      super.write(offset, src);
    }

    void replay(byte[] onto, int writes, int torn) {
      for (int i = 0; i < writes; i++) {
        log.get(i).onto(onto, log.get(i).bytes.byteSize());
      }
      if (writes < log.size()) {
        Write write = log.get(writes);
        long whole = write.bytes.byteSize() / 512;
        long sectors = torn == 0 ? 0 : torn == 1 ? Math.min(1, whole) : whole / 2;
        write.onto(onto, sectors * 512);
      }
    }
  }
}
