package io.calco.disk.dmg;

import static io.calco.disk.dmg.Koly.SECTOR;
import static io.calco.disk.dmg.Koly.U32;
import static io.calco.disk.dmg.Koly.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// All chunks of an image, in the order of the disk.
///
/// Their number is bounded by the bytes of what lists them: 420,000 in 16 MiB.
final class ChunkTable {
  /// "mish".
  private static final int MAGIC = 0x6d697368;

  private static final long FIRST_SECTOR = 8;
  private static final long DATA_OFFSET = 24;
  private static final long ENTRY_COUNT = 200;
  private static final int ENTRIES = 204;
  private static final int ENTRY = 40;

  /// Ours: guest bytes in a packed chunk; Apple's tools use up to 2 MiB. QEMU: 64 MiB.
  private static final long PACKED_MAX = 16L << 20;

  private final HostFile file;
  private final Koly koly;
  private final List<Chunk> chunks = new ArrayList<>();

  private ChunkTable(HostFile file, Koly koly) {
    this.file = file;
    this.koly = koly;
  }

  /// The chunks that an image's tables list, none empty, none overlapping.
  static Chunk[] read(HostFile file, Koly koly) throws IOException {
    ChunkTable table = new ChunkTable(file, koly);
    for (byte[] partition : table.tables()) {
      table.add(MemorySegment.ofArray(partition));
    }
    table.chunks.sort(Comparator.comparingLong(Chunk::offset));
    for (int i = 1; i < table.chunks.size(); i++) {
      Chunk before = table.chunks.get(i - 1);
      if (before.end() > table.chunks.get(i).offset()) {
        throw new CorruptImageException(
            "%s: chunks overlap at guest offset 0x%x"
                .formatted(file.name(), table.chunks.get(i).offset()));
      }
    }
    return table.chunks.toArray(new Chunk[0]);
  }

  private List<byte[]> tables() throws IOException {
    if (koly.xmlLength() > 0) {
      return PropertyList.chunkTables(file.name(), bytes(koly.xmlOffset(), koly.xmlLength()));
    }
    if (koly.resourceForkLength() > 0) {
      return ResourceFork.chunkTables(
          file.name(),
          koly.resourceForkOffset(),
          bytes(koly.resourceForkOffset(), koly.resourceForkLength()));
    }
    throw new CorruptImageException(
        file.name() + ": the koly block names neither a property list nor a resource fork");
  }

  private byte[] bytes(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private void add(MemorySegment table) throws IOException {
    expect(table.byteSize() >= ENTRIES, "length", table.byteSize(), "at least " + ENTRIES);
    expect(table.get(U32, 0) == MAGIC, "magic", table.get(U32, 0), "mish");
    long first = sectors(table.get(U64, FIRST_SECTOR));
    long data = table.get(U64, DATA_OFFSET);
    expect(
        data >= 0 && data <= file.size() - koly.dataForkOffset(),
        "DataOffset",
        data,
        "within the file");
    long count = Integer.toUnsignedLong(table.get(U32, ENTRY_COUNT));
    expect(
        count <= (table.byteSize() - ENTRIES) / ENTRY,
        "BlocksDescriptors count",
        count,
        "at most " + (table.byteSize() - ENTRIES) / ENTRY);
    for (int i = 0; i < count; i++) {
      MemorySegment entry = table.asSlice(ENTRIES + (long) i * ENTRY, ENTRY);
      int code = entry.get(U32, 0);
      if (code == ChunkType.END) {
        break;
      }
      if (code != ChunkType.COMMENT) {
        addChunk(code, entry, first, data + koly.dataForkOffset());
      }
    }
  }

  private void addChunk(int code, MemorySegment entry, long first, long data) throws IOException {
    ChunkType type =
        ChunkType.of(code)
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "%s: chunks of unknown type 0x%x".formatted(file.name(), code)));
    long offset = first + sectors(entry.get(U64, 8));
    long length = sectors(entry.get(U64, 16));
    expect(offset >= 0 && length <= Long.MAX_VALUE - offset, "chunk", offset, "a run below 2^63");
    if (length == 0) {
      return;
    }
    if (type == ChunkType.ZERO || type == ChunkType.IGNORED) {
      chunks.add(new Chunk(type, offset, length, 0, 0));
      return;
    }
    long host = entry.get(U64, 24);
    long hostLength = entry.get(U64, 32);
    expect(
        host >= 0
            && host <= file.size() - data
            && hostLength > 0
            && hostLength <= file.size() - data - host,
        "chunk data",
        host,
        "%d bytes within the file".formatted(hostLength));
    if (type.isPacked()) {
      limit(length, PACKED_MAX, "guest bytes in a packed chunk");
      limit(hostLength, 2 * PACKED_MAX, "bytes in a packed chunk");
    } else {
      expect(hostLength >= length, "raw chunk", hostLength, "at least " + length + " bytes");
    }
    chunks.add(new Chunk(type, offset, length, data + host, hostLength));
  }

  private long sectors(long count) throws CorruptImageException {
    expect(count >= 0 && count <= Long.MAX_VALUE / SECTOR, "sectors", count, "below 2^54");
    return count * SECTOR;
  }

  private void limit(long found, long most, String what) throws LimitExceededException {
    if (found > most) {
      throw new LimitExceededException(
          "%s: %d %s; at most %d are read (our limit)".formatted(file.name(), found, what, most));
    }
  }

  private void expect(boolean holds, String field, long found, String expected)
      throws CorruptImageException {
    if (!holds) {
      throw new CorruptImageException(
          "%s: chunk table, %s: found 0x%x, expected %s"
              .formatted(file.name(), field, found, expected));
    }
  }
}
