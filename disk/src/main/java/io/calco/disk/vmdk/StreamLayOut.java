package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.LaidOutFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;

/// A stream-optimized image that is made as it is read.
///
/// The place of a grain follows from the packed lengths of all grains before it. So every grain is
/// packed once beforehand, on all processors, to learn its length, and again when it is read; what
/// is kept in between is two bytes for each grain. Packing the same bytes twice gives the same
/// bytes.
///
/// Thread rule: reading is safe for several threads.
final class StreamLayOut {
  private static final int GRAIN_SECTORS = SparseLayout.USUAL_GRAIN;
  private static final int GRAIN = GRAIN_SECTORS * SECTOR;
  private static final int ENTRIES = SparseLayout.USUAL_ENTRIES;

  /// Sectors of a grain table with its marker.
  private static final int TABLE_SECTORS = 1 + ENTRIES * 4 / SECTOR;

  private final Disk disk;
  private final GrainCodec codec = new GrainCodec(GRAIN);

  /// Tables that name a grain, ascending.
  private final int[] tables;

  /// Sectors of the packed grains of each of those tables; 0 for a grain of zeroes.
  private final short[][] lengths;

  /// Where each of those tables' grains begin, counted from the first grain; one more than there
  /// are tables.
  private final long[] starts;

  private StreamLayOut(Disk disk, int[] tables) {
    this.disk = disk;
    this.tables = tables;
    this.lengths = new short[tables.length][];
    this.starts = new long[tables.length + 1];
  }

  static HostFile of(Disk disk, VmdkCreateOptions layout) throws IOException {
    SparseHeader header = SparsePlan.streamHeader(layout.sectors());
    int[] tables = tablesWithData(disk, Math.toIntExact(header.tables()));
    StreamLayOut stream = new StreamLayOut(disk, tables);
    stream.measure();
    return stream.build(header, layout);
  }

  /// Bytes of an image of which no grain is zero or can be packed.
  ///
  /// @param layout of the image
  static long fullSize(VmdkCreateOptions layout) {
    SparseHeader header = SparsePlan.streamHeader(layout.sectors());
    long grains = Math.ceilDiv(header.capacity(), GRAIN_SECTORS);
    long directory = 1 + GrainCodec.sectors(4 * header.tables());
    long sectors = grains * GrainCodec.STORED_SECTORS + header.tables() * TABLE_SECTORS + directory;
    return (header.overhead() + sectors) * SECTOR + StreamWriter.footer(header).byteSize();
  }

  private static int[] tablesWithData(Disk disk, int count) throws IOException {
    DataUnits units = DataUnits.of(disk, (long) GRAIN * ENTRIES);
    int[] tables = new int[Math.toIntExact(Math.min(units.count(), count))];
    units.forEachRun((unit, length, ordinal) -> {
      for (int i = 0; i < length; i++) {
        tables[(int) (ordinal + i)] = (int) (unit + i);
      }
    });
    return tables;
  }

  /// The first pass.
  private void measure() throws IOException {
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16);
    AtomicInteger next = new AtomicInteger();
    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(() -> {
              for (int t = next.getAndIncrement(); t < tables.length; t = next.getAndIncrement()) {
                lengths[t] = measureTable(tables[t]);
              }
              return null;
            }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      next.set(tables.length);
      throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
    } catch (InterruptedException e) {
      next.set(tables.length);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while packing");
    }
    for (int t = 0; t < tables.length; t++) {
      long sectors = 0;
      for (short length : lengths[t]) {
        sectors += length;
      }
      starts[t + 1] = starts[t] + (sectors == 0 ? 0 : sectors + TABLE_SECTORS);
    }
  }

  private short[] measureTable(int table) throws IOException {
    short[] sectors = new short[ENTRIES];
    MemorySegment buffer = MemorySegment.ofArray(new byte[GRAIN]);
    for (int i = 0; i < ENTRIES; i++) {
      long at = ((long) table * ENTRIES + i) * GRAIN;
      if (at < disk.size() && !readsZero(at) && readGrain(at, buffer)) {
        sectors[i] = (short) (codec.pack(buffer).orElseThrow().byteSize() / SECTOR);
      }
    }
    return sectors;
  }

  private boolean readsZero(long at) throws IOException {
    long length = Math.min(GRAIN, disk.size() - at);
    io.calco.disk.Extent extent = disk.extentAt(at, length);
    return extent.readsZero() && extent.length() == length;
  }

  /// Reads a grain; false when it is all zeroes.
  private boolean readGrain(long at, MemorySegment buffer) throws IOException {
    long length = Math.min(GRAIN, disk.size() - at);
    disk.read(at, buffer.asSlice(0, length));
    buffer.asSlice(length).fill((byte) 0);
    return buffer.mismatch(ZEROES) != -1;
  }

  private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[GRAIN]).asReadOnly();

  private HostFile build(SparseHeader header, VmdkCreateOptions layout)
      throws LimitExceededException {
    long sectors = starts[tables.length];
    long directory = header.overhead() + sectors + 1;
    if (directory >= 1L << 32) {
      throw new LimitExceededException("a sparse extent's file has at most 2^32 sectors");
    }
    byte[] entries =
        StreamWriter.marked(SparseLayout.MARKER_DIRECTORY, 4L * header.tables())
            .toArray(SparseLayout.U8);
    CRC32 seed = new CRC32();
    for (int t = 0; t < tables.length; t++) {
      if (starts[t + 1] > starts[t]) {
        int sector = (int) (header.overhead() + starts[t + 1] - TABLE_SECTORS + 1);
        MemorySegment.ofArray(entries).set(U32, SECTOR + 4L * tables[t], sector);
      }
      for (short length : lengths[t]) {
        seed.update(length);
      }
    }
    seed.update(entries);
    LaidOutFile.Builder file =
        LaidOutFile.of("vmdk", disk)
            .bytes(header.encode().toArray(SparseLayout.U8))
            .bytes(VmdkLayOut.descriptor(layout, seed.getValue()));
    file.zeroesTo(header.overhead() * SECTOR);
    file.generated(sectors * SECTOR, (offset, dst) -> read(header, offset, dst));
    file.bytes(entries);
    file.bytes(StreamWriter.footer(header.withDirectory(directory)).toArray(SparseLayout.U8));
    return file.build();
  }

  /// Reads from the grains and tables.
  private void read(SparseHeader header, long offset, MemorySegment dst) throws IOException {
    long done = 0;
    while (done < dst.byteSize()) {
      done += readSome(header, offset + done, dst.asSlice(done));
    }
  }

  /// Reads as much as the piece at `offset`, a grain or a table, has.
  private long readSome(SparseHeader header, long offset, MemorySegment dst) throws IOException {
    long sector = offset / SECTOR;
    int found = Arrays.binarySearch(starts, sector);
    int t = found >= 0 ? found : -found - 2;
    while (starts[t + 1] <= sector) {
      t++;
    }
    long at = starts[t];
    for (int i = 0; i < ENTRIES; i++) {
      if (sector < at + lengths[t][i]) {
        return copy(packed(t, i), offset - at * SECTOR, dst);
      }
      at += lengths[t][i];
    }
    return copy(table(header, t), offset - at * SECTOR, dst);
  }

  private static long copy(MemorySegment piece, long from, MemorySegment dst) {
    long length = Math.min(piece.byteSize() - from, dst.byteSize());
    MemorySegment.copy(piece, from, dst, 0, length);
    return length;
  }

  private MemorySegment packed(int t, int index) throws IOException {
    long grain = (long) tables[t] * ENTRIES + index;
    MemorySegment buffer = MemorySegment.ofArray(new byte[GRAIN]);
    readGrain(grain * GRAIN, buffer);
    MemorySegment packed = codec.pack(buffer).orElseThrow();
    if (packed.byteSize() != (long) lengths[t][index] * SECTOR) {
      throw new IOException(
          "the disk changed at 0x%x while it was laid out".formatted(grain * GRAIN));
    }
    GrainCodec.mark(packed, grain * GRAIN_SECTORS);
    return packed;
  }

  private MemorySegment table(SparseHeader header, int t) {
    MemorySegment marked = StreamWriter.marked(SparseLayout.MARKER_TABLE, ENTRIES * 4);
    long sector = header.overhead() + starts[t];
    for (int i = 0; i < ENTRIES; i++) {
      if (lengths[t][i] > 0) {
        marked.set(U32, SECTOR + 4L * i, (int) sector);
        sector += lengths[t][i];
      }
    }
    return marked;
  }
}
