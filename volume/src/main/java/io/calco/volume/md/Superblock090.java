package io.calco.volume.md;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Optional;

/// Superblocks of version 0.90, 64 KiB before the last multiple of 64 KiB; those of little-endian
/// machines.
final class Superblock090 {
  private static final int BYTES = 4096;
  private static final long RESERVED = 65_536;
  private static final int KIB = 1024;
  private static final int WORD = 4;
  private static final int MINOR_VERSION = 2;
  private static final int UUID_FIRST = 5;
  private static final int UUID_SECOND = 13;
  private static final int LEVEL = 7;
  private static final int SIZE = 8;
  private static final int DISKS = 10;
  private static final int MINOR = 11;
  private static final int SUM = 38;
  private static final int EVENTS = 39;
  private static final int CHUNK = 65;
  private static final int THIS_DISK = 992;
  private static final int ROLE = 3;
  private static final int STATE = 4;
  private static final int IN_SYNC = 1 << 2;

  private Superblock090() {}

  static Optional<MdMember> find(Disk disk) throws IOException {
    long place = disk.size() / RESERVED * RESERVED - RESERVED;
    if (place < 0) {
      return Optional.empty();
    }
    byte[] block = disk.readBytes(place, BYTES);
    if (LittleEndian.s32(block, 0) != Superblock1.MAGIC
        || word(block, 1) != 0
        || word(block, MINOR_VERSION) < 90
        || !summed(block)) {
      return Optional.empty();
    }
    return Optional.of(member(disk, place, block));
  }

  private static boolean summed(byte[] block) {
    long sum = 0;
    for (int i = 0; i < BYTES / WORD; i++) {
      sum += i == SUM ? 0 : word(block, i);
    }
    return (int) (sum + (sum >>> Integer.SIZE)) == (int) word(block, SUM);
  }

  private static long word(byte[] block, int number) {
    return LittleEndian.u32(block, number * WORD);
  }

  private static MdMember member(Disk disk, long place, byte[] block) throws CorruptImageException {
    long size = word(block, SIZE) * KIB;
    int level = (int) word(block, LEVEL);
    if (size > place) {
      throw new CorruptImageException(
          "MD superblock at 0x%x: size: found %d bytes, expected at most %d"
              .formatted(place, size, place));
    }
    boolean inSync = (word(block, THIS_DISK + STATE) & IN_SYNC) != 0;
    long role = word(block, THIS_DISK + ROLE);
    return new MdMember(
        disk,
        "0.90",
        uuid(block),
        "",
        level,
        (int) word(block, DISKS),
        inSync && role < word(block, DISKS) ? (int) role : -1,
        0,
        place,
        size,
        word(block, CHUNK),
        LittleEndian.s64(block, EVENTS * WORD),
        inSync,
        word(block, MINOR_VERSION) > 90,
        (int) word(block, MINOR));
  }

  private static String uuid(byte[] block) {
    StringBuilder digits = new StringBuilder();
    digits.append(digits(block, UUID_FIRST));
    for (int i = 0; i < 3; i++) {
      digits.append(digits(block, UUID_SECOND + i));
    }
    return digits.insert(20, '-').insert(16, '-').insert(12, '-').insert(8, '-').toString();
  }

  private static String digits(byte[] block, int number) {
    return "%08x".formatted((int) word(block, number));
  }
}
