package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;
import static io.calco.disk.vmdk.SparseLayout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/// Checks a sparse extent: tables and grains lie in the file and apart, the redundant copy says the
/// same, the markers of compressed grains fit. Confined.
final class SparseCheck {
  /// Ours: 32 MiB of memory, for 16 TiB in grains of 64 KiB or 128 GiB of compressed ones.
  private static final int BITS_LIMIT = 1 << 28;

  private final HostFile file;
  private final SparseGeometry geometry;
  private final Optional<SparseHeader> header;
  private final Findings findings;
  private final JobContext job;
  private final GrainDirectory directory;
  private final long fileSize;
  private long allocated;
  private long fragmented;
  private long end;

  /// Sectors of all grains, or-ed: what their places have in common.
  private long places;

  private int unit = 1;
  private BitSet taken = new BitSet();

  SparseCheck(SparseExtent extent, Optional<SparseHeader> header, Findings findings, JobContext job)
      throws IOException {
    this.file = extent.file();
    this.geometry = extent.geometry();
    this.header = header;
    this.findings = findings;
    this.job = job;
    this.fileSize = file.size();
    this.directory =
        new GrainDirectory(file, "grain directory", geometry.directory(), geometry.tables());
  }

  long allocated() {
    return allocated;
  }

  long fragmented() {
    return fragmented;
  }

  /// The byte after everything in use.
  long end() {
    return end;
  }

  /// What a pass does with a table.
  private interface TableSink {
    void accept(int index, long place, int[] entries) throws IOException;
  }

  void run() throws IOException {
    end = geometry.directory() + directory.length();
    checkTables();
    eachTable(this::examine);
    unit = geometry.compressed() ? 1 : commonUnit();
    long units = Math.ceilDiv(fileSize, (long) unit * SECTOR);
    if (units > BITS_LIMIT) {
      findings.checkError(
          "%s: too large to look for grains that overlap, which are not aligned", file.name());
    } else {
      taken = new BitSet((int) units);
      markMetadata();
      eachTable(this::compareGrains);
    }
    if (geometry.redundant() != 0) {
      compareRedundant();
    }
  }

  private void eachTable(TableSink sink) throws IOException {
    for (int i = 0; i < geometry.tables(); i++) {
      job.checkCancelled();
      long place = directory.sector(i) * SECTOR;
      if (place != 0 && inFile(place)) {
        sink.accept(i, place, GrainDirectory.readEntries(file, place, geometry.entriesPerTable()));
      }
    }
  }

  private boolean inFile(long tablePlace) {
    return tablePlace <= fileSize - geometry.tableBytes();
  }

  /// Each table lies in the file, and no two in the same place.
  private void checkTables() throws IOException {
    int[] sectors = new int[geometry.tables()];
    for (int i = 0; i < sectors.length; i++) {
      sectors[i] = (int) directory.sector(i);
      long place = directory.sector(i) * SECTOR;
      if (!inFile(place)) {
        findings.corruption("%s: grain table %d at 0x%x is not in the file", file.name(), i, place);
      }
      end = Math.max(end, place + geometry.tableBytes());
    }
    Arrays.sort(sectors);
    for (int i = 1; i < sectors.length; i++) {
      if (sectors[i] != 0 && sectors[i] == sectors[i - 1]) {
        findings.corruption(
            "%s: grain table at 0x%x is used twice",
            file.name(), Integer.toUnsignedLong(sectors[i]) * SECTOR);
      }
    }
  }

  private boolean isGrain(int entry) {
    return entry != 0 && !(entry == SparseLayout.ENTRY_ZERO && geometry.zeroGrains());
  }

  private void examine(int index, long place, int[] entries) {
    long before = -1;
    for (int i = 0; i < geometry.grainsIn(index); i++) {
      if (!isGrain(entries[i])) {
        continue;
      }
      long sector = Integer.toUnsignedLong(entries[i]);
      if (sector * SECTOR >= fileSize) {
        findings.corruption(
            "%s: grain %d at 0x%x is not in the file",
            file.name(), (long) index * geometry.entriesPerTable() + i, sector * SECTOR);
        continue;
      }
      places |= sector;
      allocated++;
      if (before >= 0 && sector != before + geometry.grainSectors()) {
        fragmented++;
      }
      before = sector;
      end =
          Math.max(end, (sector + (geometry.compressed() ? 1 : geometry.grainSectors())) * SECTOR);
    }
  }

  /// The largest power of two that all grains begin on a multiple of.
  private int commonUnit() {
    long lowest = Long.lowestOneBit(places | geometry.grainSectors());
    return (int) lowest;
  }

  private void markMetadata() throws IOException {
    mark(0, 1);
    if (header.isPresent()) {
      mark(header.get().descriptorOffset(), header.get().descriptorSectors());
    }
    mark(geometry.directory() / SECTOR, GrainCodec.sectors(directory.length()));
    if (geometry.redundant() != 0) {
      mark(geometry.redundant() / SECTOR, GrainCodec.sectors(directory.length()));
    }
    for (int i = 0; i < geometry.tables(); i++) {
      mark(directory.sector(i), GrainCodec.sectors(geometry.tableBytes()));
    }
  }

  private void mark(long sector, long count) {
    long last = Math.min(Math.ceilDiv(fileSize, SECTOR), sector + count) - 1;
    if (count > 0 && sector <= last) {
      taken.set((int) (sector / unit), (int) (last / unit) + 1);
    }
  }

  private void compareGrains(int index, long place, int[] entries) throws IOException {
    for (int i = 0; i < geometry.grainsIn(index); i++) {
      long sector = Integer.toUnsignedLong(entries[i]);
      if (!isGrain(entries[i]) || sector * SECTOR >= fileSize) {
        continue;
      }
      long grain = (long) index * geometry.entriesPerTable() + i;
      long sectors = geometry.compressed() ? packedSectors(sector, grain) : geometry.grainSectors();
      end = Math.max(end, (sector + sectors) * SECTOR);
      long last = Math.min(Math.ceilDiv(fileSize, SECTOR), sector + sectors) - 1;
      int from = (int) (sector / unit);
      int to = (int) (last / unit) + 1;
      int clash = taken.nextSetBit(from);
      if (clash >= 0 && clash < to) {
        findings.corruption(
            "%s: grain %d at 0x%x overlaps another or metadata",
            file.name(), grain, sector * SECTOR);
      }
      taken.set(from, to);
    }
  }

  /// Sectors of a compressed grain by its marker, which is checked.
  private long packedSectors(long sector, long grain) throws IOException {
    if (!geometry.markers()) {
      return 1;
    }
    long place = sector * SECTOR;
    MemorySegment marker = MemorySegment.ofArray(new byte[SparseLayout.MARKER_DATA]);
    if (place > fileSize - marker.byteSize()) {
      findings.corruption("%s: grain %d at 0x%x is cut off", file.name(), grain, place);
      return 1;
    }
    file.read(place, marker);
    long value = marker.get(U64, SparseLayout.MARKER_VALUE);
    long length = Integer.toUnsignedLong(marker.get(U32, SparseLayout.MARKER_SIZE));
    int most = GrainCodec.packedLimit(geometry.grainBytes()) - SparseLayout.MARKER_DATA;
    if (value != grain * geometry.grainSectors()) {
      findings.corruption(
          "%s: marker of grain %d at 0x%x says disk sector %s",
          file.name(), grain, place, Long.toUnsignedString(value));
    }
    if (length == 0 || length > most || place + SparseLayout.MARKER_DATA + length > fileSize) {
      findings.corruption(
          "%s: marker of grain %d at 0x%x says %d packed bytes", file.name(), grain, place, length);
      return 1;
    }
    return GrainCodec.sectors(SparseLayout.MARKER_DATA + length);
  }

  /// After a crash the copies may differ, and no harm is done; else one of them is damaged.
  private void compareRedundant() throws IOException {
    boolean crashed = header.map(SparseHeader::uncleanShutdown).orElse(false);
    GrainDirectory redundant;
    try {
      redundant =
          new GrainDirectory(
              file, "redundant grain directory", geometry.redundant(), geometry.tables());
    } catch (CorruptImageException e) {
      findings.corruption("%s", String.valueOf(e.getMessage()));
      return;
    }
    for (int i = 0; i < geometry.tables(); i++) {
      job.checkCancelled();
      if (!sameTable(directory.sector(i) * SECTOR, redundant.sector(i) * SECTOR, i)) {
        String line = "%s: grain table %d and its redundant copy differ";
        if (crashed) {
          findings.leak(line, file.name(), i);
        } else {
          findings.corruption(line, file.name(), i);
        }
      }
    }
  }

  private boolean sameTable(long place, long copy, int index) throws IOException {
    if (place == 0 || copy == 0 || !inFile(place) || !inFile(copy)) {
      return place == 0 && copy == 0;
    }
    int count = geometry.grainsIn(index);
    int[] one = GrainDirectory.readEntries(file, place, count);
    return Arrays.equals(one, GrainDirectory.readEntries(file, copy, count));
  }
}
