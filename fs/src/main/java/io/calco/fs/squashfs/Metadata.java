package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The packed blocks of at most 8 KiB that everything but the files' content lies in.
final class Metadata {
  private static final int BLOCK = 8192;
  private static final int PLAIN = 0x8000;
  private static final int BLOCKS_KEPT = 1024; // ours: 8 MiB

  /// An unpacked block.
  private static final class Block {
    private final byte[] bytes;
    private final long next;

    Block(byte[] bytes, long next) {
      this.bytes = bytes;
      this.next = next;
    }
  }

  private final Disk disk;
  private final Superblock superblock;
  private final LinkedHashMap<Long, Block> blocks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Block> eldest) {
          return size() > BLOCKS_KEPT;
        }
      };

  // The pointers that were read last.
  private byte[] known = {};
  private long pointersAt;

  Metadata(Disk disk, Superblock superblock) {
    this.disk = disk;
    this.superblock = superblock;
  }

  private Block block(long at) throws IOException {
    Block found = blocks.get(at);
    if (found == null) {
      found = load(at);
      blocks.put(at, found);
    }
    return found;
  }

  private Block load(long at) throws IOException {
    if (at < Superblock.BYTES || at > superblock.bytesUsed() - 2) {
      throw outside(at);
    }
    int header = LittleEndian.u16(disk.readBytes(at, 2), 0);
    int length = header & (PLAIN - 1);
    if (length == 0 || length > BLOCK || at + 2 > superblock.bytesUsed() - length) {
      throw outside(at);
    }
    byte[] packed = disk.readBytes(at + 2, length);
    if ((header & PLAIN) != 0) {
      return new Block(packed, at + 2 + length);
    }
    byte[] plain = new byte[BLOCK];
    int out = superblock.compression().unpack(packed, plain);
    return new Block(Arrays.copyOf(plain, out), at + 2 + length);
  }

  private static CorruptImageException outside(long at) {
    return CorruptImageException.at(
        "squashfs", "metadata block", at, "a length", "one of 8 KiB or less, in the file system");
  }

  /// Reads on from a place.
  ///
  /// @param at first byte of a block
  /// @param offset in it, unpacked
  Reader reader(long at, int offset) {
    return new Reader(at, offset);
  }

  /// Reads on from where a reference points.
  ///
  /// @param table first byte of the table
  Reader reader(long table, long reference) throws CorruptImageException {
    long block = reference >>> 16;
    if (block > superblock.bytesUsed()) {
      throw outside(block);
    }
    return new Reader(table + block, (int) (reference & 0xFFFF));
  }

  /// Reads fields one after the other, over the ends of blocks.
  final class Reader {
    private long at;
    private int offset;

    private Reader(long at, int offset) {
      this.at = at;
      this.offset = offset;
    }

    byte[] bytes(int count) throws IOException {
      byte[] bytes = new byte[count];
      int done = 0;
      while (done < count) {
        Block block = block(at);
        if (offset > block.bytes.length) {
          throw outside(at);
        }
        int part = Math.min(count - done, block.bytes.length - offset);
        System.arraycopy(block.bytes, offset, bytes, done, part);
        done += part;
        offset += part;
        if (offset == block.bytes.length && done < count) {
          at = block.next;
          offset = 0;
        }
      }
      return bytes;
    }

    int u16() throws IOException {
      return LittleEndian.u16(bytes(2), 0);
    }

    int s32() throws IOException {
      return LittleEndian.s32(bytes(4), 0);
    }

    long u32() throws IOException {
      return LittleEndian.u32(bytes(4), 0);
    }

    long s64() throws IOException {
      return LittleEndian.s64(bytes(8), 0);
    }
  }

  /// An entry of a table that is reached by pointers to its blocks.
  ///
  /// @param pointers where these lie, unpacked
  /// @param entryBytes a power of two
  Reader entry(long pointers, long index, int entryBytes) throws IOException {
    long perBlock = BLOCK / entryBytes;
    long pointer = pointers + index / perBlock * 8;
    if (pointer > superblock.bytesUsed() - 8) {
      throw outside(pointer);
    }
    if (pointer < pointersAt || pointer + 8 > pointersAt + known.length) {
      known = disk.readBytes(pointer, (int) Math.min(BLOCK, superblock.bytesUsed() - pointer));
      pointersAt = pointer;
    }
    long at = LittleEndian.s64(known, (int) (pointer - pointersAt));
    return new Reader(at, (int) (index % perBlock) * entryBytes);
  }
}
