package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.io.IOException;
import java.util.Optional;

/// An extent in grains that are found through a directory and tables: hosted sparse (plain and
/// compressed) or ESX sparse.
final class SparseExtent implements VmdkExtent {
  /// What the guest sees in a run.
  private enum Kind {
    NONE,
    UNALLOCATED,
    ZERO,
    DATA
  }

  private final HostFile file;
  private final SparseGeometry geometry;
  private final GrainTables tables;
  private final long metadataEnd;
  private final boolean writable;

  /// @param metadataEnd the byte before which no grain may lie that is written
  /// @param writable grains may be written in place
  /// @param cacheBytes memory for tables
  /// @throws CorruptImageException when a directory is not in the file
  SparseExtent(
      HostFile file, SparseGeometry geometry, long metadataEnd, boolean writable, int cacheBytes)
      throws IOException {
    this.file = file;
    this.geometry = geometry;
    this.metadataEnd = metadataEnd;
    this.writable = writable;
    GrainDirectory directory =
        new GrainDirectory(file, "grain directory", geometry.directory(), geometry.tables());
    Optional<GrainDirectory> redundant =
        geometry.redundant() == 0 || !writable
            ? Optional.empty()
            : Optional.of(
                new GrainDirectory(
                    file, "redundant grain directory", geometry.redundant(), geometry.tables()));
    this.tables = new GrainTables(file, geometry, directory, redundant, cacheBytes);
  }

  HostFile file() {
    return file;
  }

  SparseGeometry geometry() {
    return geometry;
  }

  GrainTables tables() {
    return tables;
  }

  @Override
  public long size() {
    return geometry.size();
  }

  @Override
  public Optional<Integer> grainBytes() {
    return Optional.of(geometry.grainBytes());
  }

  /// Finds the longest run of one kind. A compressed grain is a run by itself.
  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = Math.min(offset + maxLength, size());
    long at = offset;
    Kind kind = Kind.NONE;
    long host = 0;
    long fileSize = file.size();
    while (at < end) {
      int index = Math.toIntExact(at / geometry.tableCover());
      GrainTables.Table table = tables.find(index);
      if (table == null) {
        if (kind != Kind.NONE && kind != Kind.UNALLOCATED) {
          break;
        }
        kind = Kind.UNALLOCATED;
        at = Math.min(end, (index + 1L) * geometry.tableCover());
        continue;
      }
      int grain = (int) (at % geometry.tableCover() / geometry.grainBytes());
      boolean broken = false;
      for (; grain < geometry.entriesPerTable() && at < end; grain++) {
        int entry = table.entry(grain);
        Kind next = kindOf(entry);
        if (next == Kind.DATA && geometry.compressed() && kind == Kind.NONE) {
          return compressed(table, grain, entry, at, end, fileSize);
        }
        if (next == Kind.DATA) {
          long place = place(entry, at, fileSize) + at % geometry.grainBytes();
          if (kind == Kind.NONE) {
            host = place;
          } else if (kind == Kind.DATA && place != host + (at - offset)) {
            broken = true;
            break;
          }
        }
        if (kind != Kind.NONE && next != kind) {
          broken = true;
          break;
        }
        kind = next;
        at = Math.min(end, at - at % geometry.grainBytes() + geometry.grainBytes());
      }
      if (broken) {
        break;
      }
    }
    long length = at - offset;
    return switch (kind) {
      case NONE -> throw new IllegalStateException("no guest bytes at " + offset);
      case UNALLOCATED -> new Mapping.Unallocated(length);
      case ZERO -> new Mapping.Zero(length, false);
      case DATA -> new Mapping.Data(file, host, length, writable);
    };
  }

  private Kind kindOf(int entry) {
    if (entry == 0) {
      return Kind.UNALLOCATED;
    }
    return entry == SparseLayout.ENTRY_ZERO && geometry.zeroGrains() ? Kind.ZERO : Kind.DATA;
  }

  /// The first host byte of a grain that is there, judged as [#map] does.
  long place(int entry, long at) throws IOException {
    return place(entry, at, file.size());
  }

  /// The first host byte of a grain, which must lie in the file and, to be written, behind what
  /// describes it.
  private long place(int entry, long at, long fileSize) throws CorruptImageException {
    long place = Integer.toUnsignedLong(entry) * SECTOR;
    if (place >= fileSize || writable && place < metadataEnd) {
      throw new CorruptImageException(
          "%s: grain of guest offset 0x%x in its extent: found its place 0x%x, expected one between"
                  .formatted(file.name(), at, place)
              + " the metadata's end at 0x%x and the file's at 0x%x"
                  .formatted(metadataEnd, fileSize));
    }
    return place;
  }

  private Mapping compressed(
      GrainTables.Table table, int grain, int entry, long at, long end, long fileSize)
      throws IOException {
    long place = place(entry, at, fileSize);
    long next = fileSize;
    for (int i = grain + 1; i < geometry.entriesPerTable(); i++) {
      long after = Integer.toUnsignedLong(table.entry(i)) * SECTOR;
      if (kindOf(table.entry(i)) == Kind.DATA) {
        next = after > place ? Math.min(after, fileSize) : fileSize;
        break;
      }
    }
    int bytes = geometry.grainBytes();
    long most = Math.min(next - place, GrainCodec.packedLimit(bytes));
    long start = at - at % bytes;
    long length = Math.min(end - at, start + bytes - at);
    return new Mapping.Compressed(start, bytes, length, place, Math.toIntExact(most));
  }
}
