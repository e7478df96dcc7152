package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Reads attributes: resident, in runs, with holes, compressed.
final class ContentReader {
  private static final int MAX_UNIT = 1 << 22; // ours: bytes in a compression unit; NTFS has 64 KiB

  private final Disk disk;
  private final int clusterBits;
  private long unitOf = -1;
  private byte[] unpacked = {};
  private Content unpackedOf = Content.resident(new byte[0], 0);

  ContentReader(Disk disk, int clusterBits) {
    this.disk = disk;
    this.clusterBits = clusterBits;
  }

  /// All of a small attribute.
  ///
  /// @param limit most bytes
  byte[] readAll(Content content, int limit, String what) throws IOException {
    if (content.size() > limit) {
      throw CorruptImageException.at("NTFS", what + ", size", 0, content.size(), "<= " + limit);
    }
    byte[] bytes = new byte[(int) content.size()];
    read(content, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Reads as many bytes as there are, at most `dst.byteSize()`.
  int read(Content content, long offset, MemorySegment dst) throws IOException {
    Objects.checkIndex(offset, Long.MAX_VALUE);
    long count = Math.min(Math.min(dst.byteSize(), content.size() - offset), Integer.MAX_VALUE);
    if (count <= 0) {
      return 0;
    }
    if (content.isEncrypted()) {
      throw new UnsupportedFeatureException("NTFS: the file is encrypted by Windows (EFS)");
    }
    MemorySegment to = dst.asSlice(0, count);
    if (content.isResident()) {
      MemorySegment.copy(MemorySegment.ofArray(content.value()), offset, to, 0, count);
      return (int) count;
    }
    long written = Math.clamp(content.sizes().initialized() - offset, 0, count);
    if (written > 0) {
      if (content.isCompressed()) {
        readUnits(content, offset, to.asSlice(0, written));
      } else {
        readRuns(content.runs(), offset, to.asSlice(0, written));
      }
    }
    to.asSlice(written).fill((byte) 0);
    return (int) count;
  }

  /// Reads from the clusters as they are; holes are zeroes.
  void readRuns(RunList runs, long offset, MemorySegment dst) throws IOException {
    long done = 0;
    int run = runs.find(offset >> clusterBits);
    while (done < dst.byteSize()) {
      if (run >= runs.count()) {
        throw CorruptImageException.at("NTFS", "runs", offset + done, "their end", "more");
      }
      long in = offset + done - (runs.start(run) << clusterBits);
      long part = Math.min((runs.length(run) << clusterBits) - in, dst.byteSize() - done);
      MemorySegment to = dst.asSlice(done, part);
      if (runs.place(run) == RunList.HOLE) {
        to.fill((byte) 0);
      } else {
        disk.read((runs.place(run) << clusterBits) + in, to);
      }
      done += part;
      run++;
    }
  }

  private void readUnits(Content content, long offset, MemorySegment dst) throws IOException {
    int unitShift = clusterBits + content.unitBits();
    if (unitShift > 30 || 1L << unitShift > MAX_UNIT) {
      throw CorruptImageException.at(
          "NTFS", "compression unit", 0, content.unitBits(), "at most 4 MiB");
    }
    int unitSize = 1 << unitShift;
    long done = 0;
    while (done < dst.byteSize()) {
      long unit = offset + done >> unitShift;
      int in = (int) (offset + done & unitSize - 1);
      int part = (int) Math.min(unitSize - in, dst.byteSize() - done);
      if (unit != unitOf || content != unpackedOf) {
        unpacked = unit(content, unit, unitSize);
        unitOf = unit;
        unpackedOf = content;
      }
      MemorySegment.copy(MemorySegment.ofArray(unpacked), in, dst, done, part);
      done += part;
    }
  }

  /// A compression unit: without holes it is plain; with clusters only in its beginning it is
  /// packed there.
  private byte[] unit(Content content, long unit, int unitSize) throws IOException {
    byte[] out = new byte[unitSize];
    RunList runs = content.runs();
    long first = unit << content.unitBits();
    long clusters = 1L << content.unitBits();
    long end = Math.min(first + clusters, runs.end());
    long stored = 0;
    for (int run = runs.find(first); run < runs.count() && runs.start(run) < end; run++) {
      if (runs.place(run) == RunList.HOLE) {
        break;
      }
      stored = Math.min(end, runs.start(run) + runs.length(run)) - first;
    }
    if (stored == 0) {
      return out;
    }
    byte[] packed = new byte[(int) (stored << clusterBits)];
    readRuns(runs, first << clusterBits, MemorySegment.ofArray(packed));
    if (stored == clusters) {
      System.arraycopy(packed, 0, out, 0, packed.length);
    } else {
      Lznt1.unpack(packed, out);
    }
    return out;
  }
}
