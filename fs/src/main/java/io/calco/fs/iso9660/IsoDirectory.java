package io.calco.fs.iso9660;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/// A directory, read whole.
final class IsoDirectory {
  private static final int BYTES_MAX = 64 << 20; // ours
  private static final int HEADER = 33;
  private static final int DIRECTORY = 0x02;
  private static final int ASSOCIATED = 0x04;
  private static final int MORE = 0x80;
  private static final int MODE_DIRECTORY = 0040555;
  private static final int MODE_FILE = 0100555; // as Linux shows what says nothing of it

  private final IsoVolume volume;
  private final Disk disk;
  private final SequencedMap<String, IsoRecord> byName = new LinkedHashMap<>();

  private IsoDirectory(IsoVolume volume, Disk disk) {
    this.volume = volume;
    this.disk = disk;
  }

  /// Reads the directory's records.
  static IsoDirectory load(IsoVolume volume, Disk disk, IsoRecord.Part where) throws IOException {
    if (where.length() > BYTES_MAX) {
      throw new LimitExceededException(
          "ISO 9660: a directory of %d bytes, the limit is %d (ours)"
              .formatted(where.length(), BYTES_MAX));
    }
    if (where.offset() > disk.size() - where.length()) {
      throw CorruptImageException.at(
          "ISO 9660", "directory", where.offset(), where.length() + " bytes", "all in the volume");
    }
    IsoDirectory directory = new IsoDirectory(volume, disk);
    directory.parse(disk.readBytes(where.offset(), (int) where.length()), where.offset());
    return directory;
  }

  /// The files in their order.
  Iterable<IsoRecord> records() {
    return byName.values();
  }

  Optional<IsoRecord> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  private void parse(byte[] bytes, long offset) throws IOException {
    List<IsoRecord.Part> parts = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int length = LittleEndian.u8(bytes, at);
      int sectorEnd = Math.min(bytes.length, at - at % IsoVolume.SECTOR + IsoVolume.SECTOR);
      if (length == 0) {
        at = sectorEnd;
        continue;
      }
      int nameLength = at + HEADER < sectorEnd ? LittleEndian.u8(bytes, at + 32) : 0;
      if (length < HEADER + nameLength || nameLength == 0 || at + length > sectorEnd) {
        throw CorruptImageException.at(
            "ISO 9660",
            "directory record",
            offset + at,
            "a length of " + length,
            "one of a record in a sector");
      }
      int flags = LittleEndian.u8(bytes, at + 25);
      boolean isDots = nameLength == 1 && LittleEndian.u8(bytes, at + HEADER) <= 1;
      if (!isDots && (flags & ASSOCIATED) == 0) {
        parts.add(part(bytes, at, offset));
        if ((flags & MORE) == 0) {
          record(bytes, at, at + length, offset + at, parts);
          parts.clear();
        }
      }
      at += length;
    }
  }

  private IsoRecord.Part part(byte[] bytes, int at, long offset) throws IOException {
    if (LittleEndian.u8(bytes, at + 26) != 0) {
      throw new io.calco.disk.UnsupportedFeatureException(
          "ISO 9660: record at 0x%x: an interleaved file".formatted(offset + at));
    }
    long block = LittleEndian.u32(bytes, at + 2) + LittleEndian.u8(bytes, at + 1);
    return new IsoRecord.Part(block * volume.blockBytes(), LittleEndian.u32(bytes, at + 10));
  }

  private void record(byte[] bytes, int at, int end, long inode, List<IsoRecord.Part> parts)
      throws IOException {
    int nameLength = LittleEndian.u8(bytes, at + 32);
    boolean isDirectory = (bytes[at + 25] & DIRECTORY) != 0;
    byte[] raw = Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + nameLength);
    Instant time = SystemUse.shortTime(bytes, at + 18).orElse(Instant.EPOCH);
    int fallback = isDirectory ? MODE_DIRECTORY : MODE_FILE;
    if (volume.names() != IsoVolume.Names.ROCK_RIDGE) {
      String name = volume.names() == IsoVolume.Names.JOLIET ? joliet(raw) : plain(raw);
      add(new IsoRecord(name, inode, fallback, 1, 0, 0, time, parts, Optional.empty(), false));
      return;
    }
    int use = at + HEADER + nameLength + (nameLength + 1) % 2 + volume.skip();
    SystemUse fields = SystemUse.read(volume, disk, bytes, Math.min(use, end), end);
    if (fields.relocated()) {
      return;
    }
    String name = fields.name().isEmpty() ? plain(raw) : fields.name();
    IsoRecord record =
        new IsoRecord(
            name,
            inode,
            fields.mode().orElse(fallback),
            fields.links(),
            fields.uid(),
            fields.gid(),
            fields.modified().orElse(time),
            parts,
            fields.target(),
            fields.zisofs());
    add(fields.child().isPresent() ? moved(record, fields.child().getAsLong()) : record);
  }

  /// The directory that a record stands for.
  private IsoRecord moved(IsoRecord record, long block) throws IOException {
    long at = block * volume.blockBytes();
    if (at > disk.size() - IsoVolume.SECTOR) {
      throw CorruptImageException.at(
          "ISO 9660", "moved directory", record.inode(), "block " + block, "one of the volume");
    }
    long length = LittleEndian.u32(disk.readBytes(at, IsoVolume.SECTOR), 10);
    return self(volume, disk, at(record, new IsoRecord.Part(at, length)));
  }

  private static IsoRecord at(IsoRecord record, IsoRecord.Part where) {
    return new IsoRecord(
        record.name(),
        record.inode(),
        record.mode(),
        record.links(),
        record.uid(),
        record.gid(),
        record.modified(),
        List.of(where),
        Optional.empty(),
        false);
  }

  /// A directory as the first record in it says, where that is Rock Ridge's.
  static IsoRecord self(IsoVolume volume, Disk disk, IsoRecord record) throws IOException {
    IsoRecord.Part where = record.parts().getFirst();
    if (where.offset() > disk.size() - IsoVolume.SECTOR) {
      return record;
    }
    byte[] self = disk.readBytes(where.offset(), IsoVolume.SECTOR);
    int end = LittleEndian.u8(self, 0);
    Instant time =
        end < HEADER ? record.modified() : SystemUse.shortTime(self, 18).orElse(record.modified());
    boolean isPlain = volume.names() != IsoVolume.Names.ROCK_RIDGE;
    int use = isPlain ? end : Math.min(HEADER + 1 + volume.skip(), end);
    SystemUse fields = SystemUse.read(volume, disk, self, use, end);
    return new IsoRecord(
        record.name(),
        record.inode(),
        fields.mode().orElse(record.mode()),
        fields.links(),
        fields.uid(),
        fields.gid(),
        fields.modified().orElse(time),
        List.of(where),
        Optional.empty(),
        false);
  }

  private void add(IsoRecord record) {
    String name = record.name();
    boolean isName =
        !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('/') < 0;
    if (isName) {
      byName.putIfAbsent(name, record);
    }
  }

  private static String joliet(byte[] raw) {
    String name = new String(raw, 0, raw.length & ~1, StandardCharsets.UTF_16BE);
    return withoutVersion(name, ";");
  }

  /// As Linux shows it: in lower case, without version.
  private static String plain(byte[] raw) {
    return withoutVersion(GuestNames.decode(raw).toLowerCase(Locale.ROOT), ".;");
  }

  private static String withoutVersion(String name, String mark) {
    String cut = name.endsWith(";1") ? name.substring(0, name.length() - 2) : name;
    return mark.startsWith(".") && cut.endsWith(".") && cut.length() > 1
        ? cut.substring(0, cut.length() - 1)
        : cut;
  }
}
