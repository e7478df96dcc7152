package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U16;
import static io.calco.disk.vmdk.SparseLayout.U32;
import static io.calco.disk.vmdk.SparseLayout.U64;
import static io.calco.disk.vmdk.SparseLayout.U8;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The header of a hosted sparse extent, its numbers judged; places and lengths in sectors.
///
/// @param version 1 to 3
/// @param flags of [SparseLayout]
/// @param capacity the extent's size
/// @param grainSectors a power of two
/// @param descriptorOffset the embedded descriptor's place, 0 for none
/// @param descriptorSectors its length
/// @param entriesPerTable entries in a grain table, a power of two
/// @param redundantDirectory the redundant grain directory's place
/// @param directory the grain directory's place, or [SparseLayout#DIRECTORY_AT_END]
/// @param overhead sectors before the first grain
/// @param uncleanShutdown the last writer did not close it
/// @param compression of [SparseLayout], 0 for none
record SparseHeader(
    int version,
    int flags,
    long capacity,
    int grainSectors,
    long descriptorOffset,
    long descriptorSectors,
    int entriesPerTable,
    long redundantDirectory,
    long directory,
    long overhead,
    boolean uncleanShutdown,
    int compression) {

  /// Ours: buffers of this size are made.
  private static final int GRAIN_LIMIT = 16 << 20;

  /// Ours: 128 TiB in grains of 64 KiB, as long as what [VmdkCreateOptions] allows; 16 MiB of
  /// memory for a directory.
  static final long TABLE_LIMIT = 4L << 20;

  private static final int ENTRIES_LIMIT = 4096;

  /// Reads the header, and the footer where it says so.
  static SparseHeader read(HostFile file) throws IOException {
    SparseHeader header = readAt(file, "sparse extent header", 0);
    if (header.directory != SparseLayout.DIRECTORY_AT_END) {
      return header;
    }
    return header.withFooter(file);
  }

  /// True when the file's header leaves the directory's place to the footer.
  static boolean endsInFooter(HostFile file) throws IOException {
    return readAt(file, "sparse extent header", 0).directory == SparseLayout.DIRECTORY_AT_END;
  }

  private SparseHeader withFooter(HostFile file) throws IOException {
    long at = file.size() - 2L * SECTOR;
    if (at < SECTOR) {
      throw CorruptImageException.at(
          file.name(), "footer", Math.max(at, 0), "no room for it", "a footer");
    }
    SparseHeader footer = readAt(file, "footer", at);
    if (footer.directory == SparseLayout.DIRECTORY_AT_END) {
      throw CorruptImageException.at(
          file.name(), "footer's grain directory", at, "\"at the end\"", "its place");
    }
    SparseHeader same =
        new SparseHeader(
            version,
            flags,
            capacity,
            grainSectors,
            descriptorOffset,
            descriptorSectors,
            entriesPerTable,
            footer.redundantDirectory,
            footer.directory,
            footer.overhead,
            footer.uncleanShutdown,
            compression);
    if (!same.equals(footer)) {
      throw CorruptImageException.at(
          file.name(), "footer", at, footer, "what the header says: " + this);
    }
    return footer;
  }

  private static SparseHeader readAt(HostFile file, String what, long at) throws IOException {
    if (file.size() - at < SECTOR) {
      throw CorruptImageException.at(file.name(), what, at, "the end of the file", "a sector");
    }
    MemorySegment raw = MemorySegment.ofArray(new byte[SECTOR]);
    file.read(at, raw);
    int magic = raw.get(U32, SparseLayout.MAGIC);
    if (magic != SparseLayout.MAGIC_NUMBER) {
      throw CorruptImageException.at(
          file.name(), what, at, "0x" + Integer.toHexString(magic), "\"KDMV\"");
    }
    return new Check(file, what, at, raw).run();
  }

  /// Judges the raw fields.
  private record Check(HostFile file, String what, long at, MemorySegment raw) {
    SparseHeader run() throws IOException {
      int version = raw.get(U32, SparseLayout.VERSION);
      if (version < 1 || version > 3) {
        throw new FormatVersionException(
            "%s: VMDK version %s; 1 to 3 are known"
                .formatted(file.name(), Integer.toUnsignedString(version)));
      }
      int flags = raw.get(U32, SparseLayout.FLAGS);
      checkFlags(flags);
      long capacity = raw.get(U64, SparseLayout.CAPACITY);
      long grain = raw.get(U64, SparseLayout.GRAIN_SIZE);
      int entries = raw.get(U32, SparseLayout.ENTRIES_PER_TABLE);
      expect(
          capacity >= 0 && capacity < SparseLayout.CAPACITY_LIMIT,
          "capacity",
          capacity,
          "less than 2^53 sectors");
      expect(grain > 0 && Long.bitCount(grain) == 1, "grain size", grain, "a power of two");
      if (grain > GRAIN_LIMIT / SECTOR) {
        throw new LimitExceededException(
            "%s: grains of %d sectors; our limit is %d"
                .formatted(file.name(), grain, GRAIN_LIMIT / SECTOR));
      }
      expect(
          entries > 0 && entries <= ENTRIES_LIMIT && Integer.bitCount(entries) == 1,
          "entries per grain table",
          Integer.toUnsignedString(entries),
          "a power of two up to " + ENTRIES_LIMIT);
      SparseHeader header =
          new SparseHeader(
              version,
              flags,
              capacity,
              (int) grain,
              place(SparseLayout.DESCRIPTOR_OFFSET, "descriptor's place"),
              place(SparseLayout.DESCRIPTOR_SIZE, "descriptor's length"),
              entries,
              (flags & SparseLayout.FLAG_REDUNDANT) == 0
                  ? 0
                  : place(SparseLayout.REDUNDANT_DIRECTORY, "redundant grain directory"),
              directory(),
              place(SparseLayout.OVERHEAD, "overhead"),
              raw.get(U8, SparseLayout.UNCLEAN_SHUTDOWN) != 0,
              compression(flags));
      return header.checked(file);
    }

    private void checkFlags(int flags) throws IOException {
      int unknown =
          flags
              & SparseLayout.FLAGS_INCOMPATIBLE
              & ~(SparseLayout.FLAG_COMPRESSED | SparseLayout.FLAG_MARKERS);
      if (unknown != 0) {
        throw new UnsupportedFeatureException(
            "%s: incompatible flags 0x%x are not known".formatted(file.name(), unknown));
      }
      for (int i = 0; (flags & SparseLayout.FLAG_LINE_ENDS) != 0 && i < 4; i++) {
        expect(
            raw.get(U8, SparseLayout.LINE_ENDS + i) == SparseLayout.LINE_END_BYTES[i],
            "line ends",
            "others",
            "those that a transfer as text would have spoiled");
      }
    }

    private int compression(int flags) throws IOException {
      int algorithm = Short.toUnsignedInt(raw.get(U16, SparseLayout.COMPRESSION));
      if ((flags & SparseLayout.FLAG_COMPRESSED) == 0) {
        return 0;
      }
      if (algorithm != SparseLayout.COMPRESSION_DEFLATE) {
        throw new UnsupportedFeatureException(
            "%s: compression algorithm %d; 1 (deflate) is known".formatted(file.name(), algorithm));
      }
      return algorithm;
    }

    private long directory() throws IOException {
      long directory = raw.get(U64, SparseLayout.DIRECTORY);
      return directory == SparseLayout.DIRECTORY_AT_END
          ? directory
          : place(SparseLayout.DIRECTORY, "grain directory");
    }

    private long place(int field, String name) throws IOException {
      long sector = raw.get(U64, field);
      expect(
          sector >= 0 && sector < SparseLayout.CAPACITY_LIMIT,
          name,
          Long.toUnsignedString(sector),
          "a sector of the file");
      return sector;
    }

    private void expect(boolean holds, String name, Object found, String expected)
        throws CorruptImageException {
      if (!holds) {
        throw CorruptImageException.at(file.name(), what + "'s " + name, at, found, expected);
      }
    }
  }

  /// Grain tables that the capacity needs.
  long tables() {
    return Math.ceilDiv(Math.ceilDiv(capacity, grainSectors), entriesPerTable);
  }

  boolean compressed() {
    return (flags & SparseLayout.FLAG_COMPRESSED) != 0;
  }

  boolean markers() {
    return (flags & SparseLayout.FLAG_MARKERS) != 0;
  }

  boolean zeroGrains() {
    return (flags & SparseLayout.FLAG_ZERO_GRAINS) != 0;
  }

  boolean redundant() {
    return (flags & SparseLayout.FLAG_REDUNDANT) != 0;
  }

  /// The header's sector.
  MemorySegment encode() {
    MemorySegment raw = MemorySegment.ofArray(new byte[SECTOR]);
    raw.set(U32, SparseLayout.MAGIC, SparseLayout.MAGIC_NUMBER);
    raw.set(U32, SparseLayout.VERSION, version);
    raw.set(U32, SparseLayout.FLAGS, flags);
    raw.set(U64, SparseLayout.CAPACITY, capacity);
    raw.set(U64, SparseLayout.GRAIN_SIZE, grainSectors);
    raw.set(U64, SparseLayout.DESCRIPTOR_OFFSET, descriptorOffset);
    raw.set(U64, SparseLayout.DESCRIPTOR_SIZE, descriptorSectors);
    raw.set(U32, SparseLayout.ENTRIES_PER_TABLE, entriesPerTable);
    raw.set(U64, SparseLayout.REDUNDANT_DIRECTORY, redundantDirectory);
    raw.set(U64, SparseLayout.DIRECTORY, directory);
    raw.set(U64, SparseLayout.OVERHEAD, overhead);
    raw.set(U8, SparseLayout.UNCLEAN_SHUTDOWN, (byte) (uncleanShutdown ? 1 : 0));
    MemorySegment.copy(
        MemorySegment.ofArray(SparseLayout.LINE_END_BYTES), 0, raw, SparseLayout.LINE_ENDS, 4);
    raw.set(U16, SparseLayout.COMPRESSION, (short) compression);
    return raw;
  }

  /// The same with another capacity and the directories elsewhere.
  SparseHeader resized(long newCapacity, long newRedundant, long newDirectory) {
    return new SparseHeader(
        version,
        flags,
        newCapacity,
        grainSectors,
        descriptorOffset,
        descriptorSectors,
        entriesPerTable,
        newRedundant,
        newDirectory,
        overhead,
        uncleanShutdown,
        compression);
  }

  /// This header, unless its grain tables are too many.
  SparseHeader checked(HostFile file) throws LimitExceededException {
    if (tables() > TABLE_LIMIT || capacity >= SparseLayout.CAPACITY_LIMIT) {
      throw new LimitExceededException(
          "%s: %d grain tables; our limit is %d".formatted(file.name(), tables(), TABLE_LIMIT));
    }
    return this;
  }

  /// The same, marked as being written.
  SparseHeader withUnclean() {
    return new SparseHeader(
        version,
        flags,
        capacity,
        grainSectors,
        descriptorOffset,
        descriptorSectors,
        entriesPerTable,
        redundantDirectory,
        directory,
        overhead,
        true,
        compression);
  }

  /// The same with the directory elsewhere.
  SparseHeader withDirectory(long place) {
    return resized(capacity, redundantDirectory, place);
  }
}
