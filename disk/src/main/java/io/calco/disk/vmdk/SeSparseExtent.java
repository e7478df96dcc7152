package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Mapping;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// An ESX space-efficient sparse extent, for reading. Nobody published the format; what is known of
/// it is what QEMU 7.2 reads: 64-bit entries, grains of 4 KiB, tables of 64 sectors.
final class SeSparseExtent implements VmdkExtent {
  static final long MAGIC = 0x0000_0000_cafe_babeL;
  static final long VERSION = 0x0000_0002_0000_0001L;
  private static final long VOLATILE_MAGIC = 0x0000_0000_cafe_cafeL;

  private static final int GRAIN = 8 * SECTOR;
  private static final int TABLE_SECTORS = 64;
  private static final int ENTRIES = TABLE_SECTORS * SECTOR / 8;

  /// Directory entries read at a time.
  private static final int SLICE = 4096;

  private static final long CAPACITY = 16;
  private static final long GRAIN_SIZE = 24;
  private static final long TABLE_SIZE = 32;
  private static final long FLAGS = 40;
  private static final long VOLATILE_OFFSET = 80;
  private static final long DIRECTORY_OFFSET = 128;
  private static final long DIRECTORY_SIZE = 136;
  private static final long TABLES_OFFSET = 144;
  private static final long GRAINS_OFFSET = 192;
  private static final long REPLAY_JOURNAL = 24;

  private final HostFile file;
  private final long capacity;
  private final long directory;
  private final long tableCount;
  private final long tables;
  private final long grains;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, long[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final int tablesKept;

  /// The part of the directory read last, and its first entry.
  private long[] slice = new long[0];

  private long sliceStart;

  private SeSparseExtent(HostFile file, MemorySegment header, int cacheBytes) throws IOException {
    this.tablesKept = Math.max(2, cacheBytes / (TABLE_SECTORS * SECTOR));
    this.file = file;
    capacity = checked(header.get(U64, CAPACITY), "capacity");
    directory = checked(header.get(U64, DIRECTORY_OFFSET), "grain directory") * SECTOR;
    long sectors = checked(header.get(U64, DIRECTORY_SIZE), "grain directory's size");
    tables = checked(header.get(U64, TABLES_OFFSET), "grain tables") * SECTOR;
    grains = checked(header.get(U64, GRAINS_OFFSET), "grains") * SECTOR;
    long entries = sectors * SECTOR / 8;
    tableCount = Math.ceilDiv(Math.ceilDiv(capacity * SECTOR, GRAIN), ENTRIES);
    if (entries < tableCount || directory > file.size() - 8 * tableCount) {
      throw CorruptImageException.at(
          file.name(),
          "grain directory",
          directory,
          "%d entries in a file of 0x%x".formatted(entries, file.size()),
          tableCount + " entries in the file");
    }
    if (tableCount > SparseHeader.TABLE_LIMIT) {
      throw new LimitExceededException(
          "%s: %d grain tables; our limit is %d"
              .formatted(file.name(), tableCount, SparseHeader.TABLE_LIMIT));
    }
  }

  /// Reads the headers.
  ///
  /// @param cacheBytes memory for tables
  static SeSparseExtent open(HostFile file, int cacheBytes) throws IOException {
    MemorySegment header = sector(file, "header", 0);
    expect(file, header.get(U64, 0) == MAGIC, "header", "no seSparse magic");
    if (header.get(U64, 8) != VERSION) {
      throw new FormatVersionException(
          "%s: seSparse version 0x%x; 2.1 is known".formatted(file.name(), header.get(U64, 8)));
    }
    expect(
        file,
        header.get(U64, GRAIN_SIZE) == GRAIN / SECTOR
            && header.get(U64, TABLE_SIZE) == TABLE_SECTORS,
        "header",
        "grains of %d sectors, tables of %d"
            .formatted(header.get(U64, GRAIN_SIZE), header.get(U64, TABLE_SIZE)));
    if (header.get(U64, FLAGS) != 0) {
      throw new UnsupportedFeatureException(
          "%s: seSparse flags 0x%x are not known".formatted(file.name(), header.get(U64, FLAGS)));
    }
    long place = header.get(U64, VOLATILE_OFFSET);
    expect(file, place > 0 && place < 1L << 32, "header", "volatile header at sector " + place);
    MemorySegment changing = sector(file, "volatile header", place * SECTOR);
    expect(file, changing.get(U64, 0) == VOLATILE_MAGIC, "volatile header", "no magic");
    if (changing.get(U64, REPLAY_JOURNAL) != 0) {
      throw new UnsupportedFeatureException(
          file.name() + ": its journal must be replayed, which only ESX can do");
    }
    return new SeSparseExtent(file, header, cacheBytes);
  }

  private static MemorySegment sector(HostFile file, String what, long at) throws IOException {
    if (at > file.size() - SECTOR) {
      throw CorruptImageException.at(file.name(), what, at, "the end of the file", "a sector");
    }
    MemorySegment raw = MemorySegment.ofArray(new byte[SECTOR]);
    file.read(at, raw);
    return raw;
  }

  private static void expect(HostFile file, boolean holds, String what, String found)
      throws CorruptImageException {
    if (!holds) {
      throw new CorruptImageException(
          "%s: seSparse %s: found %s, expected what QEMU reads"
              .formatted(file.name(), what, found));
    }
  }

  private long checked(long sectors, String what) throws CorruptImageException {
    expect(
        file,
        sectors >= 0 && sectors < SparseLayout.CAPACITY_LIMIT,
        what,
        Long.toUnsignedString(sectors));
    return sectors;
  }

  long tableCount() {
    return tableCount;
  }

  @Override
  public long size() {
    return capacity * SECTOR;
  }

  @Override
  public Optional<Integer> grainBytes() {
    return Optional.of(GRAIN);
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = Math.min(offset + maxLength, size());
    long cover = (long) GRAIN * ENTRIES;
    long at = offset;
    @org.jspecify.annotations.Nullable Mapping run = null;
    while (at < end) {
      long index = at / cover;
      Optional<long[]> table = table(index);
      long stop = Math.min(end, (index + 1) * cover);
      while (at < stop) {
        long next = table.isEmpty() ? stop : Math.min(stop, at - at % GRAIN + GRAIN);
        Mapping piece =
            table.isEmpty()
                ? new Mapping.Unallocated(next - at)
                : piece(table.get()[(int) (at % cover / GRAIN)], at, next - at);
        @org.jspecify.annotations.Nullable Mapping joined = run == null ? piece : join(run, piece);
        if (joined == null) {
          return java.util.Objects.requireNonNull(run);
        }
        run = joined;
        at = next;
      }
    }
    return java.util.Objects.requireNonNull(run);
  }

  private static @org.jspecify.annotations.Nullable Mapping join(Mapping run, Mapping next) {
    long length = run.length() + next.length();
    if (run instanceof Mapping.Unallocated && next instanceof Mapping.Unallocated) {
      return new Mapping.Unallocated(length);
    }
    if (run instanceof Mapping.Zero && next instanceof Mapping.Zero) {
      return new Mapping.Zero(length, false);
    }
    if (run instanceof Mapping.Data one
        && next instanceof Mapping.Data two
        && one.hostOffset() + one.length() == two.hostOffset()) {
      return new Mapping.Data(one.file(), one.hostOffset(), length, false);
    }
    return null;
  }

  private Mapping piece(long entry, long at, long length) throws IOException {
    switch ((int) (entry >>> 60)) {
      case 0 -> {
        if (entry == 0) {
          return new Mapping.Unallocated(length);
        }
      }
      case 1, 2 -> {
        return new Mapping.Zero(length, false);
      }
      case 3 -> {
        long grain = entry >>> 48 & 0xFFF | (entry & 0xFFFF_FFFF_FFFFL) << 12;
        long place = grain >= 1L << 44 ? Long.MAX_VALUE : grains + grain * GRAIN;
        if (place < file.size()) {
          return new Mapping.Data(file, place + at % GRAIN, length, false);
        }
      }
      default -> {}
    }
    throw new CorruptImageException(
        "%s: grain of guest offset 0x%x in its extent: found entry 0x%x, expected a grain in the"
                .formatted(file.name(), at, entry)
            + " file, or none");
  }

  private Optional<long[]> table(long index) throws IOException {
    lock.lock();
    try {
      long entry = directoryEntry(index);
      if (entry == 0) {
        return Optional.empty();
      }
      long[] found = kept.get(index);
      if (found == null) {
        found = readTable(index, entry);
        Iterator<Map.Entry<Long, long[]>> eldest = kept.entrySet().iterator();
        if (kept.size() >= tablesKept) {
          eldest.next();
          eldest.remove();
        }
        kept.put(index, found);
      }
      return Optional.of(found);
    } finally {
      lock.unlock();
    }
  }

  private long directoryEntry(long index) throws IOException {
    if (index < sliceStart || index >= sliceStart + slice.length) {
      long start = index - index % SLICE;
      long[] read = new long[(int) Math.min(SLICE, tableCount - start)];
      readWords(directory + 8 * start, read);
      slice = read;
      sliceStart = start;
    }
    return slice[(int) (index - sliceStart)];
  }

  private void readWords(long at, long[] words) throws IOException {
    MemorySegment raw = MemorySegment.ofArray(new byte[8 * words.length]);
    file.read(at, raw);
    MemorySegment.copy(raw, U64, 0, words, 0, words.length);
  }

  private long[] readTable(long index, long entry) throws IOException {
    long place = tables + (entry & 0xFFFF_FFFFL) * TABLE_SECTORS * SECTOR;
    if (entry >>> 32 != 0x1000_0000L || place > file.size() - (long) TABLE_SECTORS * SECTOR) {
      throw CorruptImageException.at(
          file.name(),
          "grain directory entry",
          directory + 8 * index,
          "0x" + Long.toHexString(entry),
          "a grain table in the file");
    }
    long[] entries = new long[ENTRIES];
    readWords(place, entries);
    return entries;
  }

  /// The guest offset at which to go on after [#map] failed: the next grain, or behind a table that
  /// cannot be read.
  long afterDamage(long offset) throws IOException {
    long cover = (long) GRAIN * ENTRIES;
    long next;
    try {
      table(offset / cover);
      next = offset - offset % GRAIN + GRAIN;
    } catch (CorruptImageException unreadable) {
      next = offset - offset % cover + cover;
    }
    return Math.min(next, size());
  }
}
