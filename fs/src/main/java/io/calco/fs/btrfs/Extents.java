package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The content of files: extents in leaves, in data chunks, packed or not, shared or not; what no
/// extent covers is a hole.
final class Extents {
  // Fields of an extent's item.
  static final int LOGICAL_AT = 21;
  static final int ON_DISK_AT = 29;
  static final int SIZE = 53;
  private static final int INLINE_AT = 21;
  private static final int INLINE = 0;
  private static final int SET_ASIDE = 2;
  private static final int KNOWN = 32; // ours: remembered unpacked extents, 128 KiB each

  private final Nodes nodes;
  private final int sector;
  private final Map<Long, byte[]> unpacked =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > KNOWN;
        }
      };

  Extents(Nodes nodes, int sector) {
    this.nodes = nodes;
    this.sector = sector;
  }

  /// Reads from a file up to its size.
  ///
  /// @return bytes read
  int read(Inode file, long offset, MemorySegment dst) throws IOException {
    long left = file.status().size() - offset;
    int length = (int) Math.min(Math.min(dst.byteSize(), Integer.MAX_VALUE), Math.max(0, left));
    if (length == 0) {
      return 0;
    }
    MemorySegment wanted = dst.asSlice(0, length);
    wanted.fill((byte) 0);
    Tree tree = file.subvolume().tree();
    Cursor item = tree.upTo(file.number(), Keys.EXTENT_DATA, offset);
    if (!item.is(file.number(), Keys.EXTENT_DATA)) {
      item.next();
    }
    long before = 0;
    for (; item.is(file.number(), Keys.EXTENT_DATA); item.next()) {
      long start = item.offset();
      if (start < 0 || start >= offset + length) {
        break;
      }
      if (start < before) {
        throw item.corrupt("an extent that begins before the last one's end", before);
      }
      before = readExtent(item, start, offset, wanted);
    }
    return length;
  }

  /// Reads what one extent has of the bytes wanted.
  ///
  /// @param start the extent's first byte in the file
  /// @param offset the first byte wanted
  /// @return the extent's end in the file
  private long readExtent(Cursor item, long start, long offset, MemorySegment wanted)
      throws IOException {
    int at = item.at(INLINE_AT);
    byte[] bytes = item.bytes();
    if (bytes[at + 17] != 0 || LittleEndian.u16(bytes, at + 18) != 0) {
      throw new UnsupportedFeatureException("btrfs file system: an encrypted extent");
    }
    int type = bytes[at + 20];
    long length = type == INLINE ? plainLength(item) : LittleEndian.s64(bytes, item.at(SIZE) + 45);
    if (length <= 0 || start > Long.MAX_VALUE - length) {
      throw item.corrupt("an extent of " + length + " bytes", "a length that fits");
    }
    long from = Math.max(start, offset);
    long end = Math.min(start + length, offset + wanted.byteSize());
    MemorySegment dst = wanted.asSlice(Math.max(0, from - offset), Math.max(0, end - from));
    if (dst.byteSize() == 0) {
      return start + length;
    }
    if (type == INLINE) {
      readInline(item, from - start, dst);
    } else if (type < SET_ASIDE && LittleEndian.s64(bytes, at + LOGICAL_AT) != 0) {
      readRegular(item, length, from - start, dst);
    } else if (type < 0 || type > SET_ASIDE) {
      throw item.corrupt("an extent of type " + type, "0, 1 or 2");
    }
    return start + length;
  }

  /// Bytes in a packed extent when it is unpacked; in an inline one, packed or not.
  private static int plainLength(Cursor item) throws IOException {
    int at = item.at();
    if (item.bytes()[at + 16] == 0) {
      return item.size() - INLINE_AT;
    }
    long length = LittleEndian.s64(item.bytes(), at + 8);
    if (length <= 0 || length > Compression.MAX) {
      throw item.corrupt(length + " bytes packed together", "<= " + Compression.MAX);
    }
    return (int) length;
  }

  private void readInline(Cursor item, long within, MemorySegment dst) throws IOException {
    int from = item.at() + INLINE_AT;
    byte[] content = Arrays.copyOfRange(item.bytes(), from, item.at() + item.size());
    Compression compression = Compression.numbered(item.bytes()[item.at() + 16] & 0xFF);
    byte[] plain = compression == Compression.NONE ? content : unpack(item, compression, content);
    MemorySegment.copy(MemorySegment.ofArray(plain), within, dst, 0, dst.byteSize());
  }

  /// @param length the file's bytes that the extent stands for
  private void readRegular(Cursor item, long length, long within, MemorySegment dst)
      throws IOException {
    int at = item.at();
    byte[] bytes = item.bytes();
    long logical = LittleEndian.s64(bytes, at + LOGICAL_AT);
    long onDisk = LittleEndian.s64(bytes, at + ON_DISK_AT);
    long skipped = LittleEndian.s64(bytes, at + 37);
    Compression compression = Compression.numbered(bytes[at + 16] & 0xFF);
    long there = compression == Compression.NONE ? onDisk : plainLength(item);
    boolean fits = logical >= 0 && there >= length && logical <= Long.MAX_VALUE - there;
    if (!fits || skipped < 0 || skipped > there - length) {
      throw item.corrupt(
          "%d bytes from byte %d on of the extent at 0x%x".formatted(length, skipped, logical),
          "up to " + there);
    }
    if (compression == Compression.NONE) {
      nodes.readData(Math.addExact(logical, skipped + within), dst);
      return;
    }
    byte[] plain = unpacked.get(logical);
    if (plain == null || plain.length != there) {
      if (onDisk <= 0 || onDisk > Compression.MAX) {
        throw item.corrupt(onDisk + " packed bytes", "<= " + Compression.MAX);
      }
      byte[] packed = new byte[(int) onDisk];
      nodes.readData(logical, MemorySegment.ofArray(packed));
      plain = unpack(item, compression, packed);
      unpacked.put(logical, plain);
    }
    MemorySegment.copy(MemorySegment.ofArray(plain), skipped + within, dst, 0, dst.byteSize());
  }

  private byte[] unpack(Cursor item, Compression compression, byte[] packed) throws IOException {
    byte[] plain = new byte[plainLength(item)];
    try {
      compression.unpack(packed, plain, sector);
    } catch (CorruptImageException e) {
      throw e;
    } catch (IOException e) {
      throw item.corrupt(String.valueOf(e.getMessage()), compression + " data");
    }
    return plain;
  }
}
