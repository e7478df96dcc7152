package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The extended attributes of inodes.
final class Attributes {
  private static final int HEADER = 16;
  private static final int ELSEWHERE = 0x100;
  private static final int VALUE_MAX = 65_536; // Linux's
  private static final int ALL_MAX = 1 << 20; // ours: bytes of all attributes of a file

  private final Disk disk;
  private final Superblock superblock;
  private final Metadata metadata;

  Attributes(Disk disk, Superblock superblock, Metadata metadata) {
    this.disk = disk;
    this.superblock = superblock;
    this.metadata = metadata;
  }

  SequencedMap<String, byte[]> of(Inode inode) throws IOException {
    SequencedMap<String, byte[]> all = new LinkedHashMap<>();
    long table = superblock.attributeTable();
    if (inode.attributes() < 0 || table < 0) {
      return all;
    }
    if (table > superblock.bytesUsed() - HEADER) {
      throw CorruptImageException.at(
          "squashfs", "table of attributes", table, "its end", "a header");
    }
    byte[] header = disk.readBytes(table, HEADER);
    long values = LittleEndian.s64(header, 0);
    if (inode.attributes() >= LittleEndian.u32(header, 8)) {
      throw CorruptImageException.at(
          "squashfs",
          "inode " + inode.number(),
          inode.reference() >>> 16,
          "attributes " + inode.attributes(),
          "below " + LittleEndian.u32(header, 8));
    }
    byte[] entry = metadata.entry(table + HEADER, inode.attributes(), 16).bytes(16);
    Metadata.Reader in = metadata.reader(values, LittleEndian.s64(entry, 0));
    long count = LittleEndian.u32(entry, 8);
    int bytes = 0;
    for (long i = 0; i < count; i++) {
      int type = in.u16();
      byte[] name = in.bytes(in.u16());
      byte[] value = value(in);
      if ((type & ELSEWHERE) != 0) {
        value = value(metadata.reader(values, reference(value)));
      }
      bytes += name.length + value.length + 1;
      if (bytes > ALL_MAX) {
        throw new LimitExceededException(
            "squashfs: inode %d: more than %d bytes of attributes (our limit)"
                .formatted(inode.number(), ALL_MAX));
      }
      all.put(prefix(type) + GuestNames.decode(name), value);
    }
    return all;
  }

  private static byte[] value(Metadata.Reader in) throws IOException {
    long length = in.u32();
    if (length > VALUE_MAX) {
      throw new LimitExceededException(
          "squashfs: an attribute of %d bytes, the limit is %d".formatted(length, VALUE_MAX));
    }
    return in.bytes((int) length);
  }

  private static long reference(byte[] value) throws CorruptImageException {
    if (value.length != 8) {
      throw new CorruptImageException(
          "squashfs: attribute: found a reference of %d bytes, expected 8".formatted(value.length));
    }
    return LittleEndian.s64(value, 0);
  }

  private static String prefix(int type) throws CorruptImageException {
    return switch (type & 0xFF) {
      case 0 -> "user.";
      case 1 -> "trusted.";
      case 2 -> "security.";
      default ->
          throw new CorruptImageException(
              "squashfs: attribute: found type 0x%x, expected 0, 1 or 2".formatted(type));
    };
  }
}
