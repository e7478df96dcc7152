package io.calco.disk.partclone;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.OpenPolicy;
import io.calco.disk.partclone.PartcloneHeader.MapKind;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads the map of used blocks once from end to end and counts it.
final class MapReader {
  private static final int PIECE = 1 << 20;

  private final HostFile file;
  private final PartcloneHeader header;
  private final StripSum.Crc crc = new StripSum.Crc();

  private MapReader(HostFile file, PartcloneHeader header) {
    this.file = file;
    this.header = header;
  }

  /// A map and what is wrong with it.
  ///
  /// @param map its blocks, whatever is wrong
  /// @param damage why it cannot be relied on
  record Result(BlockMap map, Optional<CorruptImageException> damage) {

    /// The map, if it can be relied on: one wrong bit moves all blocks after it.
    BlockMap orThrow() throws CorruptImageException {
      if (damage.isPresent()) {
        throw damage.get();
      }
      return map;
    }
  }

  /// Reads the map of `file`.
  static Result read(HostFile file, PartcloneHeader header) throws IOException {
    try {
      return new MapReader(file, header).read();
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(),
          "partclone map of used blocks",
          header.mapOffset(),
          "the file's end at 0x%x".formatted(file.size()),
          "%d bytes".formatted(header.mapLength() + header.mapEndLength()));
    }
  }

  private Result read() throws IOException {
    if (header.mapKind() == MapKind.NONE) {
      return new Result(new BlockMap.All(header.totalBlocks()), Optional.empty());
    }
    MapSlices slices = new MapSlices(file, header);
    long[] before = new long[slices.count() + 1];
    MemorySegment piece =
        MemorySegment.ofArray(new byte[(int) Math.min(PIECE, header.mapLength())]);
    int slice = 0;
    for (long at = 0; at < header.mapLength(); at += piece.byteSize()) {
      MemorySegment bytes = piece.asSlice(0, Math.min(piece.byteSize(), header.mapLength() - at));
      file.read(header.mapOffset() + at, bytes);
      crc.update(bytes);
      for (long i = 0; i < bytes.byteSize(); i += slices.fileLength()) {
        long length = Math.min(slices.fileLength(), bytes.byteSize() - i);
        before[slice + 1] = before[slice] + count(slices, slice, bytes.asSlice(i, length));
        slice++;
      }
    }
    return new Result(new BlockMap.Indexed(header.totalBlocks(), slices, before), judge());
  }

  /// Used blocks in a slice, which is held if it has both kinds.
  private int count(MapSlices slices, int slice, MemorySegment bytes) {
    long[] words = slices.decode(slice, bytes);
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    long there = Math.min(MapSlices.BLOCKS, header.totalBlocks() - (long) slice * MapSlices.BLOCKS);
    if (count > 0 && count < there) {
      slices.put(slice, words);
    }
    return count;
  }

  private Optional<CorruptImageException> judge() throws IOException {
    long at = header.mapOffset() + header.mapLength();
    MemorySegment end = MemorySegment.ofArray(new byte[header.mapEndLength()]);
    file.read(at, end);
    if (header.version() == 1) {
      String found = new String(end.toArray(PartcloneLayout.U8), StandardCharsets.ISO_8859_1);
      String expected = PartcloneLayout.V1.MAP_END;
      return found.equals(expected)
          ? Optional.empty()
          : damage("end", at, OpenPolicy.printable(found), expected);
    }
    int found = end.get(PartcloneLayout.U32, 0);
    return found == crc.value()
        ? Optional.empty()
        : damage("checksum", at, "0x%08x".formatted(found), "0x%08x".formatted(crc.value()));
  }

  private Optional<CorruptImageException> damage(
      String what, long at, String found, String expected) {
    return Optional.of(
        CorruptImageException.at(
            file.name(), "partclone map of used blocks, its " + what, at, found, expected));
  }
}
