package io.calco.disk.parallels;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The header, checked.
///
/// @param clusterSize bytes in a cluster, a multiple of 512
/// @param batEntries clusters in the disk
/// @param size virtual size in bytes
/// @param inUse the image was not closed in order
/// @param dataOffset the first host byte after header and BAT
/// @param entryUnit bytes that a BAT entry counts in
/// @param extensionOffset where the format extension lies, or 0
record ParallelsHeader(
    int clusterSize,
    int batEntries,
    long size,
    boolean inUse,
    long dataOffset,
    int entryUnit,
    long extensionOffset) {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int SECTOR = 512;

  /// The header's length, where the BAT begins.
  static final int LENGTH = 64;

  private static final String MAGIC_SECTORS = "WithoutFreeSpace";
  private static final String MAGIC_CLUSTERS = "WithouFreSpacExt";
  private static final int MAGIC_LENGTH = 16;

  private static final long VERSION = 16;
  private static final long TRACKS = 28;
  private static final long BAT_ENTRIES = 32;
  private static final long NB_SECTORS = 36;
  private static final long IN_USE = 44;
  private static final long DATA_OFF = 48;
  private static final long EXT_OFF = 56;

  private static final int SUPPORTED_VERSION = 2;
  private static final int IN_USE_MAGIC = 0x746f6e59;

  /// Ours: bytes in a cluster; Parallels uses 1 MiB.
  private static final int CLUSTER_MAX = 64 << 20;

  /// Ours: entries in the BAT, 16 TiB in clusters of 1 MiB.
  private static final int BAT_ENTRIES_MAX = 1 << 24;

  /// The magic that the file begins with.
  static Optional<String> magic(HostFile file) throws IOException {
    if (file.size() < MAGIC_LENGTH) {
      return Optional.empty();
    }
    byte[] start = new byte[MAGIC_LENGTH];
    file.read(0, MemorySegment.ofArray(start));
    String found = new String(start, StandardCharsets.ISO_8859_1);
    return found.equals(MAGIC_SECTORS) || found.equals(MAGIC_CLUSTERS)
        ? Optional.of(found)
        : Optional.empty();
  }

  static ParallelsHeader read(HostFile file) throws IOException {
    Optional<String> magic = magic(file);
    if (magic.isEmpty() || file.size() < LENGTH) {
      throw CorruptImageException.at(
          file.name(), "Parallels header", 0, file.size() + " bytes", "a header with its magic");
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    file.read(0, bytes);
    return new Reader(file, bytes, magic.get().equals(MAGIC_CLUSTERS)).read();
  }

  private record Reader(HostFile file, MemorySegment bytes, boolean countsClusters) {
    ParallelsHeader read() throws IOException {
      long version = u32(VERSION);
      if (version != SUPPORTED_VERSION) {
        throw new FormatVersionException(
            "%s: Parallels image of version %d; only 2 is read".formatted(file.name(), version));
      }
      long tracks = u32(TRACKS);
      expect(tracks > 0, "tracks", TRACKS, tracks, "a cluster size in sectors");
      limit(tracks * SECTOR, CLUSTER_MAX, "bytes in a cluster");
      long entries = u32(BAT_ENTRIES);
      limit(entries, BAT_ENTRIES_MAX, "BAT entries");
      long sectors = countsClusters ? bytes.get(U64, NB_SECTORS) : u32(NB_SECTORS);
      expect(
          sectors >= 0 && sectors <= Long.MAX_VALUE / SECTOR,
          "nb_sectors",
          NB_SECTORS,
          sectors,
          "a size below 2^63 bytes");
      long extension = bytes.get(U64, EXT_OFF);
      expect(
          extension >= 0 && extension <= file.size() / SECTOR,
          "ext_off",
          EXT_OFF,
          extension,
          "a sector in the file");
      long tableEnd = (LENGTH + entries * Integer.BYTES + SECTOR - 1) / SECTOR;
      expect(
          LENGTH + entries * Integer.BYTES <= file.size(),
          "bat_entries",
          BAT_ENTRIES,
          entries,
          "a BAT within the file");
      long dataOff = u32(DATA_OFF);
      return new ParallelsHeader(
          (int) tracks * SECTOR,
          (int) entries,
          sectors * SECTOR,
          bytes.get(U32, IN_USE) == IN_USE_MAGIC,
          (dataOff == 0 ? tableEnd : dataOff) * SECTOR,
          countsClusters ? (int) tracks * SECTOR : SECTOR,
          extension * SECTOR);
    }

    private long u32(long field) {
      return Integer.toUnsignedLong(bytes.get(U32, field));
    }

    private void limit(long found, long most, String what) throws LimitExceededException {
      if (found > most) {
        throw new LimitExceededException(
            "%s: %d %s; at most %d are read (our limit)".formatted(file.name(), found, what, most));
      }
    }

    private void expect(boolean holds, String field, long at, long found, String expected)
        throws CorruptImageException {
      if (!holds) {
        throw CorruptImageException.at(
            file.name(), "Parallels " + field, at, "0x" + Long.toHexString(found), expected);
      }
    }
  }
}
