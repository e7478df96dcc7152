package io.calco.disk.dmg;

import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.MappedRun;
import io.calco.disk.Mapping;
import io.calco.disk.ReadOnlyImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open Apple disk image.
final class DmgImage extends ReadOnlyImage {
  private final long size;
  private final Chunk[] chunks;
  private final int unit;

  DmgImage(HostFile file) throws IOException {
    super(file);
    Koly koly = Koly.read(file);
    this.size = koly.size();
    this.chunks = ChunkTable.read(file, koly);
    long largest = Koly.SECTOR;
    for (Chunk chunk : chunks) {
      if (chunk.type().isPacked()) {
        largest = Math.max(largest, chunk.length());
      }
    }
    this.unit = Math.toIntExact(largest);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int unitLength() {
    return unit;
  }

  /// The first chunk that ends after a guest offset.
  private int find(long offset) {
    int low = 0;
    int high = chunks.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (chunks[middle].end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = Math.min(Math.addExact(offset, maxLength), size);
    MappedRun run = new MappedRun(file());
    long at = offset;
    for (int i = find(offset); at < end; ) {
      Optional<Chunk> chunk = i < chunks.length ? Optional.of(chunks[i]) : Optional.empty();
      long start = chunk.map(Chunk::offset).orElse(end);
      if (start > at) {
        long next = Math.min(start, end);
        if (!run.extendUnallocated(next - at)) {
          break;
        }
        at = next;
        continue;
      }
      Chunk here = chunk.orElseThrow();
      if (here.type().isPacked()) {
        if (run.isEmpty()) {
          return packed(here, at, end);
        }
        break;
      }
      long next = Math.min(here.end(), end);
      if (!extend(run, here, at, next)) {
        break;
      }
      at = next;
      i++;
    }
    return run.toMapping();
  }

  private static boolean extend(MappedRun run, Chunk chunk, long at, long next) {
    return switch (chunk.type()) {
      case RAW -> run.extendData(chunk.hostOffset() + at - chunk.offset(), next - at);
      case ZERO -> run.extendZero(next - at);
      default -> run.extendUnallocated(next - at);
    };
  }

  private static Mapping packed(Chunk chunk, long at, long end) {
    return new Mapping.Compressed(
        chunk.offset(),
        Math.toIntExact(chunk.length()),
        Math.min(chunk.end(), end) - at,
        chunk.hostOffset(),
        Math.toIntExact(chunk.hostLength()));
  }

  @Override
  public void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    Chunk chunk = chunks[find(run.unitOffset())];
    String structure = chunk.type() + " chunk";
    MemorySegment packed = readPacked(run, structure);
    try {
      ChunkCodec.unpack(chunk.type(), packed, dst);
    } catch (IOException e) {
      throw badUnit(run, structure, e);
    }
  }

  @Override
  public FormatInfo info() {
    return new FormatInfo(
        Optional.empty(), Optional.empty(), false, false, false, true, List.of(), Map.of());
  }
}
