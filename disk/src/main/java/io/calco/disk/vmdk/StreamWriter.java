package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;
import static io.calco.disk.vmdk.SparseLayout.U64;

import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Writes a stream-optimized extent from its first grain to the end-of-stream marker; every write
/// begins where the last one ended. A grain table follows the grains it names.
///
/// Thread rule: confined.
final class StreamWriter {
  private static final long FILE_LIMIT = 1L << 32;

  /// Takes the bytes.
  interface Out {
    /// @param at where the last call ended
    void append(long at, MemorySegment sectors) throws IOException;
  }

  private final String name;
  private final Out out;
  private final SparseHeader header;
  private final SparseGeometry geometry;
  private final int[] directory;
  private final int[] table;
  private int tableIndex = -1;
  private long lastGrain = -1;
  private long sector;

  /// @param name for messages
  /// @param header of the extent, whose grains begin after its overhead
  StreamWriter(String name, Out out, SparseHeader header) {
    this.name = name;
    this.out = out;
    this.header = header;
    this.geometry = SparseGeometry.of(header);
    this.directory = new int[geometry.tables()];
    this.table = new int[geometry.entriesPerTable()];
    this.sector = header.overhead();
  }

  /// Sends an image that holds a disk's bytes, which are read once. The disk's grains are packed
  /// side by side.
  static void send(Disk disk, VmdkCreateOptions layout, WritableByteChannel target, JobContext job)
      throws IOException {
    Out out =
        (at, sectors) -> {
          ByteBuffer bytes = sectors.asByteBuffer();
          while (bytes.hasRemaining()) {
            target.write(bytes);
          }
        };
    SparseHeader header = SparsePlan.streamHeader(layout.sectors());
    StreamWriter writer = new StreamWriter("vmdk", out, header);
    Descriptor descriptor = VmdkLayOut.describe(layout, VmdkCreator.newContentId());
    out.append(0, head("vmdk", header, descriptor));
    GrainCodec codec = new GrainCodec(writer.geometry.grainBytes());
    DiskCopy.pack(disk, codec, writer::write, job);
    writer.finish();
  }

  /// What comes before the first grain: the header and the descriptor.
  static MemorySegment head(String name, SparseHeader header, Descriptor descriptor)
      throws LimitExceededException {
    MemorySegment head =
        MemorySegment.ofArray(new byte[Math.toIntExact(header.overhead() * SECTOR)]);
    head.copyFrom(header.encode());
    head.asSlice(SECTOR).copyFrom(VmdkCreator.embedded(name, descriptor));
    return head;
  }

  /// True when nothing was written at this guest offset or behind it.
  boolean isBefore(long offset) {
    return offset / geometry.grainBytes() > lastGrain;
  }

  /// Appends a grain that [GrainCodec#pack] packed.
  void write(long offset, MemorySegment packed) throws IOException {
    long grain = offset / geometry.grainBytes();
    if (grain <= lastGrain) {
      throw new UnsupportedFeatureException(
          "%s: is a stream, written once from its beginning to its end".formatted(name));
    }
    int index = Math.toIntExact(grain / geometry.entriesPerTable());
    if (index != tableIndex) {
      finishTable();
      tableIndex = index;
    }
    GrainCodec.mark(packed, grain * geometry.grainSectors());
    table[(int) (grain % geometry.entriesPerTable())] = (int) sector;
    append(packed);
    lastGrain = grain;
  }

  private void append(MemorySegment sectors) throws IOException {
    long count = sectors.byteSize() / SECTOR;
    if (sector + count > FILE_LIMIT) {
      throw new LimitExceededException(name + ": a sparse extent's file has at most 2^32 sectors");
    }
    out.append(sector * SECTOR, sectors);
    sector += count;
  }

  private void finishTable() throws IOException {
    if (tableIndex < 0) {
      return;
    }
    MemorySegment marked = marked(SparseLayout.MARKER_TABLE, geometry.tableBytes());
    MemorySegment.copy(table, 0, marked, U32, SECTOR, table.length);
    directory[tableIndex] = (int) (sector + 1);
    append(marked);
    java.util.Arrays.fill(table, 0);
    tableIndex = -1;
  }

  /// A marker with room for what it announces.
  static MemorySegment marked(int type, long bytes) {
    long sectors = GrainCodec.sectors(bytes);
    MemorySegment marked = MemorySegment.ofArray(new byte[Math.toIntExact((1 + sectors) * SECTOR)]);
    marked.set(U64, SparseLayout.MARKER_VALUE, sectors);
    marked.set(U32, SparseLayout.MARKER_TYPE, type);
    return marked;
  }

  /// Writes the last table, the directory, the footer and the end-of-stream marker.
  void finish() throws IOException {
    finishTable();
    MemorySegment marked = marked(SparseLayout.MARKER_DIRECTORY, 4L * directory.length);
    MemorySegment.copy(directory, 0, marked, U32, SECTOR, directory.length);
    long place = sector + 1;
    append(marked);
    append(footer(header.withDirectory(place)));
  }

  /// The footer with its marker and the end-of-stream marker.
  static MemorySegment footer(SparseHeader atEnd) {
    MemorySegment marked = MemorySegment.ofArray(new byte[3 * SECTOR]);
    marked.set(U64, SparseLayout.MARKER_VALUE, 1L);
    marked.set(U32, SparseLayout.MARKER_TYPE, SparseLayout.MARKER_FOOTER);
    MemorySegment.copy(atEnd.encode(), 0, marked, SECTOR, SECTOR);
    return marked;
  }
}
