package io.calco.volume.md;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Superblocks of version 1, at the end (1.0), the start (1.1) or 4 KiB from the start (1.2).
final class Superblock1 {
  static final int MAGIC = 0xa92b4efc;
  private static final int SECTOR = 512;
  private static final int FIXED = 256;
  private static final int MAX_BYTES = 4096;
  private static final int FEATURES = 8;
  private static final int ARRAY_UUID = 16;
  private static final int NAME = 32;
  private static final int NAME_BYTES = 32;
  private static final int LEVEL = 72;
  private static final int SIZE = 80;
  private static final int CHUNK = 88;
  private static final int DISKS = 92;
  private static final int DATA_OFFSET = 128;
  private static final int DATA_SIZE = 136;
  private static final int SUPER_OFFSET = 144;
  private static final int NUMBER = 160;
  private static final int EVENTS = 200;
  private static final int SUM = 216;
  private static final int MAX_DEVICES = 220;
  private static final int RECOVERING = 2;
  private static final int RESHAPING = 4;
  private static final int FIRST_SPECIAL_ROLE = 0xfff0;

  private Superblock1() {}

  static Optional<MdMember> find(Disk disk) throws IOException {
    long sectors = disk.size() / SECTOR;
    Optional<MdMember> found = at(disk, 8L * SECTOR, "1.2");
    if (found.isEmpty()) {
      found = at(disk, 0, "1.1");
    }
    return found.isEmpty() && sectors > 16 ? at(disk, (sectors - 16 & ~7L) * SECTOR, "1.0") : found;
  }

  private static Optional<MdMember> at(Disk disk, long place, String version) throws IOException {
    if (place > disk.size() - MAX_BYTES) {
      return Optional.empty();
    }
    byte[] block = disk.readBytes(place, MAX_BYTES);
    if (LittleEndian.s32(block, 0) != MAGIC
        || LittleEndian.u32(block, 4) != 1
        || LittleEndian.s64(block, SUPER_OFFSET) != place / SECTOR
        || !summed(block)) {
      return Optional.empty();
    }
    return Optional.of(member(disk, block, version));
  }

  private static boolean summed(byte[] block) {
    long devices = LittleEndian.u32(block, MAX_DEVICES);
    if (devices > (MAX_BYTES - FIXED) / 2) {
      return false;
    }
    int bytes = FIXED + (int) devices * 2;
    long sum = 0;
    int at = 0;
    for (; at + 4 <= bytes; at += 4) {
      sum += at == SUM ? 0 : LittleEndian.u32(block, at);
    }
    sum += at < bytes ? LittleEndian.u16(block, at) : 0;
    return (int) (sum + (sum >>> Integer.SIZE)) == LittleEndian.s32(block, SUM);
  }

  private static MdMember member(Disk disk, byte[] block, String version)
      throws CorruptImageException {
    long features = LittleEndian.u32(block, FEATURES);
    long number = LittleEndian.u32(block, NUMBER);
    int role =
        number < LittleEndian.u32(block, MAX_DEVICES)
            ? LittleEndian.u16(block, FIXED + (int) number * 2)
            : FIRST_SPECIAL_ROLE;
    long offset = bytes(block, DATA_OFFSET, disk);
    long size = bytes(block, DATA_SIZE, disk);
    if (size > disk.size() - offset) {
      throw new CorruptImageException(
          "MD superblock: data: found %d bytes at 0x%x, expected them within %d"
              .formatted(size, offset, disk.size()));
    }
    return new MdMember(
        disk,
        version,
        uuid(block),
        name(block),
        LittleEndian.s32(block, LEVEL),
        LittleEndian.s32(block, DISKS),
        role < FIRST_SPECIAL_ROLE ? role : -1,
        offset,
        size,
        bytes(block, SIZE, disk),
        LittleEndian.u32(block, CHUNK) * SECTOR,
        LittleEndian.s64(block, EVENTS),
        (features & RECOVERING) == 0,
        (features & RESHAPING) != 0,
        -1);
  }

  private static long bytes(byte[] block, int at, Disk disk) throws CorruptImageException {
    long sectors = LittleEndian.s64(block, at);
    if (sectors < 0 || sectors > disk.size() / SECTOR) {
      throw new CorruptImageException(
          "MD superblock at +0x%x: found %d sectors, expected 0 to %d"
              .formatted(at, sectors, disk.size() / SECTOR));
    }
    return sectors * SECTOR;
  }

  private static String uuid(byte[] block) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      text.append(i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "");
      text.append("%02x".formatted(LittleEndian.u8(block, ARRAY_UUID + i)));
    }
    return text.toString();
  }

  private static String name(byte[] block) {
    int length = 0;
    while (length < NAME_BYTES && block[NAME + length] > ' ') {
      length++;
    }
    return new String(block, NAME, length, StandardCharsets.US_ASCII);
  }
}
