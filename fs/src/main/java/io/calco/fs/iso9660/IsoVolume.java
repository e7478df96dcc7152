package io.calco.fs.iso9660;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// What the volume descriptors tell (ECMA-119, 8), of the names that are read: Rock Ridge's where
/// they are there, else Joliet's, else the plain ones.
///
/// @param names which names
/// @param blockBytes bytes in a logical block
/// @param size bytes of the volume
/// @param rootBlock first block of the root directory
/// @param rootBytes its length
/// @param skip bytes between a record's name and the fields behind it, by the root's `SP`
/// @param label the volume's name
/// @param created the volume's creation time or, without one, its modification time, 17 bytes
record IsoVolume(
    Names names,
    int blockBytes,
    long size,
    long rootBlock,
    long rootBytes,
    int skip,
    Optional<String> label,
    Optional<String> created) {

  /// How names are told.
  enum Names {
    ROCK_RIDGE,
    JOLIET,
    PLAIN
  }

  static final int SECTOR = 2048;
  static final int FIRST_DESCRIPTOR = 16;
  private static final int DESCRIPTORS_MAX = 64; // ours
  private static final int PRIMARY = 1;
  private static final int SUPPLEMENTARY = 2;
  private static final int END = 255;
  private static final byte[] MARK = {'C', 'D', '0', '0', '1'};

  static boolean probe(Disk disk) throws IOException {
    long at = (long) FIRST_DESCRIPTOR * SECTOR;
    return disk.size() >= at + SECTOR && isDescriptor(disk.readBytes(at, SECTOR));
  }

  private static boolean isDescriptor(byte[] sector) {
    return Arrays.equals(sector, 1, 6, MARK, 0, 5);
  }

  static IsoVolume load(Disk disk) throws IOException {
    Optional<byte[]> primary = Optional.empty();
    Optional<byte[]> joliet = Optional.empty();
    for (int i = 0; i < DESCRIPTORS_MAX; i++) {
      long at = (long) (FIRST_DESCRIPTOR + i) * SECTOR;
      if (at + SECTOR > disk.size()) {
        break;
      }
      byte[] sector = disk.readBytes(at, SECTOR);
      int type = LittleEndian.u8(sector, 0);
      if (!isDescriptor(sector) || type == END) {
        break;
      }
      if (type == PRIMARY && primary.isEmpty()) {
        primary = Optional.of(sector);
      } else if (type == SUPPLEMENTARY && joliet.isEmpty() && isJoliet(sector)) {
        joliet = Optional.of(sector);
      }
    }
    byte[] found =
        primary.orElseThrow(
            () -> new CorruptImageException("ISO 9660: it has no primary volume descriptor"));
    IsoVolume plain = parse(found, Names.PLAIN, disk.size());
    int skip = plain.rockRidgeSkip(disk);
    if (skip >= 0) {
      return plain.with(Names.ROCK_RIDGE, skip);
    }
    if (joliet.isPresent()) {
      IsoVolume wide = parse(joliet.get(), Names.JOLIET, disk.size());
      return new IsoVolume(
          Names.JOLIET,
          wide.blockBytes,
          plain.size,
          wide.rootBlock,
          wide.rootBytes,
          0,
          wide.label,
          plain.created);
    }
    return plain;
  }

  private static boolean isJoliet(byte[] sector) {
    String escape = new String(sector, 88, 3, StandardCharsets.ISO_8859_1);
    return escape.equals("%/@") || escape.equals("%/C") || escape.equals("%/E");
  }

  private IsoVolume with(Names other, int bytesSkipped) {
    return new IsoVolume(
        other, blockBytes, size, rootBlock, rootBytes, bytesSkipped, label, created);
  }

  private static IsoVolume parse(byte[] sector, Names names, long diskSize) throws IOException {
    int block = LittleEndian.u16(sector, 128);
    if (block < 512 || block > SECTOR || Integer.bitCount(block) != 1) {
      throw CorruptImageException.at(
          "ISO 9660", "logical block size", 0x8000 + 128, block, "512, 1024 or 2048");
    }
    Charset charset = names == Names.JOLIET ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
    String label = new String(sector, 40, 32, charset).replace('\0', ' ').stripTrailing();
    long size = LittleEndian.u32(sector, 80) * block;
    return new IsoVolume(
        names,
        block,
        Math.min(size, diskSize),
        LittleEndian.u32(sector, 156 + 2) + LittleEndian.u8(sector, 156 + 1),
        LittleEndian.u32(sector, 156 + 10),
        0,
        label.isEmpty() ? Optional.empty() : Optional.of(label),
        time(sector, 813).or(() -> time(sector, 830)));
  }

  private static Optional<String> time(byte[] sector, int at) {
    String digits = new String(sector, at, 16, StandardCharsets.ISO_8859_1);
    return digits.matches("[0-9]{16}") && !digits.matches("0{16}")
        ? Optional.of(digits)
        : Optional.empty();
  }

  /// What the root's own record says of System Use fields.
  ///
  /// @return bytes to skip before them, -1 when Rock Ridge is not there
  private int rockRidgeSkip(Disk disk) throws IOException {
    long at = rootBlock * blockBytes;
    if (at > disk.size() - SECTOR) {
      return -1;
    }
    byte[] record = disk.readBytes(at, SECTOR);
    int length = LittleEndian.u8(record, 0);
    int use = 34;
    boolean hasMark =
        use + 7 <= length
            && record[use] == 'S'
            && record[use + 1] == 'P'
            && LittleEndian.u8(record, use + 4) == 0xBE
            && LittleEndian.u8(record, use + 5) == 0xEF;
    if (!hasMark) {
      return -1;
    }
    for (int field = use; field + 4 <= length; ) {
      String name = new String(record, field, 2, StandardCharsets.ISO_8859_1);
      if (name.equals("PX") || name.equals("RR")) {
        return LittleEndian.u8(record, use + 6);
      }
      field += Math.max(4, LittleEndian.u8(record, field + 2));
    }
    return -1;
  }
}
