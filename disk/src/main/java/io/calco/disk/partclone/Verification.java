package io.calco.disk.partclone;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.OrderedWork;
import io.calco.disk.VerifyReport;
import io.calco.disk.partclone.PartcloneHeader.Seeding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Compares the map and all blocks with their checksums, on all cores where a checksum does not
/// need the one before it.
final class Verification {
  /// Bytes that one thread checks at a time, at least one strip.
  private static final long PIECE = 4 << 20;

  /// Ours: more lines help nobody.
  private static final int LINES_MAX = 1000;

  private final HostFile file;
  private final PartcloneHeader header;
  private final JobContext job;
  private final List<String> findings = new ArrayList<>();
  private long corruptions;

  private Verification(HostFile file, PartcloneHeader header, JobContext job) {
    this.file = file;
    this.header = header;
    this.job = job;
  }

  /// Verifies an image.
  static VerifyReport run(HostFile file, PartcloneHeader header, JobContext job)
      throws IOException {
    return new Verification(file, header, job).run();
  }

  private VerifyReport run() throws IOException {
    MapReader.Result read = MapReader.read(file, header);
    read.damage().ifPresent(damage -> corruption(String.valueOf(damage.getMessage())));
    OpenedMap map = OpenedMap.of(file, header, read.map());
    long used = map.map().used();
    if (header.version() > 1 && header.statedUsed() != used) {
      corruption(
          "the header states %d used blocks, their map has %d"
              .formatted(header.statedUsed(), used));
    }
    long end = map.strips().end(used);
    long present = map.strips().count(used);
    if (!file.reaches(end)) {
      present = presentStrips(map, end);
    }
    if (header.checksum() != Checksum.NONE) {
      checkStrips(map, present);
    }
    return new VerifyReport(
        corruptions, 0, 0, 0, 0, end, header.totalBlocks(), used, 0, 0, findings);
  }

  /// Whole strips that the file still has.
  private long presentStrips(OpenedMap map, long end) throws IOException {
    Strips strips = map.strips();
    long size = file.size();
    long stride = strips.length() + strips.checksumLength();
    long whole = Math.max(0, size - strips.dataOffset()) / stride;
    long inStrip = Math.max(0, size - strips.dataOffset()) % stride;
    long firstMissing =
        Math.min(
            whole * strips.blocks() + Math.min(inStrip / strips.blockSize(), strips.blocks()),
            map.map().used() - 1);
    corruption(
        "cut short: the file ends at 0x%x, its last checksum or block at 0x%x; incomplete from guest offset 0x%x on"
            .formatted(size, end, map.map().select(firstMissing) * strips.blockSize()));
    return whole;
  }

  private void corruption(String line) {
    corruptions++;
    if (findings.size() < LINES_MAX) {
      findings.add("ERROR " + line);
    }
  }

  private void checkStrips(OpenedMap map, long count) throws IOException {
    boolean inOrder = header.seeding() == Seeding.RUNNING && header.checksum() != Checksum.CRC32;
    Stations stations = new Stations(map, count);
    if (inOrder) {
      try (StripSum sum = StripSum.of(header.checksum())) {
        OrderedWork.run(1, () -> stations.new Station(sum, false));
      }
    } else {
      StripSum.of(header.checksum()).close();
      int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16);
      OrderedWork.run(threads, () -> stations.new Station(newSum(), true));
    }
  }

  /// A sum of a kind that could be had a moment ago.
  private StripSum newSum() {
    try {
      return StripSum.of(header.checksum());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A strip whose checksum is wrong.
  private record Damage(long strip, String stored, String computed) {}

  /// Hands out runs of strips.
  private final class Stations {
    private final OpenedMap map;
    private final long count;
    private final long step;
    private long taken;

    Stations(OpenedMap map, long count) {
      this.map = map;
      this.count = count;
      this.step = Math.max(1, PIECE / map.strips().length());
    }

    private final class Station implements OrderedWork.Station {
      private final StripReader reader;
      private final StripSum sum;
      private final boolean ownsSum;
      private final List<Damage> damages = new ArrayList<>();
      private long first;
      private long after;

      Station(StripSum sum, boolean ownsSum) {
        this.sum = sum;
        this.ownsSum = ownsSum;
        this.reader = new StripReader(file, header, map, sum);
      }

      @Override
      public boolean take() {
        job.checkCancelled();
        first = taken;
        after = Math.min(count, taken + step);
        taken = after;
        return first < after;
      }

      @Override
      public void prepare() throws IOException {
        damages.clear();
        reader.seek(first, after);
        for (long strip = first; strip < after; strip++) {
          if (!reader.check(strip) && damages.size() < LINES_MAX) {
            damages.add(new Damage(strip, reader.stored(), reader.computed()));
          }
        }
      }

      @Override
      public void finish() throws IOException {
        for (Damage damage : damages) {
          corruption(describe(map, damage));
        }
        job.progress("checking", after, count);
      }

      @Override
      public void close() {
        reader.close();
        if (ownsSum) {
          sum.close();
        }
      }
    }
  }

  private String describe(OpenedMap map, Damage damage) throws IOException {
    Strips strips = map.strips();
    long firstUsed = damage.strip() * strips.blocks();
    long lastUsed = Math.min(firstUsed + strips.blocks(), map.map().used()) - 1;
    long firstBlock = map.map().select(firstUsed);
    long lastBlock = map.map().select(lastUsed);
    return "blocks %d to %d (guest offset 0x%x to 0x%x) at 0x%x: checksum %s, computed %s"
        .formatted(
            firstBlock,
            lastBlock,
            firstBlock * strips.blockSize(),
            (lastBlock + 1) * strips.blockSize(),
            strips.hostOffset(firstUsed * strips.blockSize()),
            damage.stored(),
            damage.computed());
  }
}
