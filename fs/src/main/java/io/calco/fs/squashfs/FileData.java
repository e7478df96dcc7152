package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The content of files: whole blocks, and ends that several files share a block for.
final class FileData {
  private static final int PLAIN = 1 << 24;
  private static final int BLOCKS_MAX = 1 << 22; // ours: 512 GiB in blocks of 128 KiB
  private static final int BYTES_KEPT = 16 << 20; // ours
  private static final int LISTS_KEPT = 4; // ours

  /// Where the blocks of a file lie.
  private static final class BlockList {
    private final int[] words;
    private final long[] starts;

    BlockList(int[] words, long[] starts) {
      this.words = words;
      this.starts = starts;
    }
  }

  private final Disk disk;
  private final Superblock superblock;
  private final Metadata metadata;
  private final LinkedHashMap<Long, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final LinkedHashMap<Long, BlockList> lists =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, BlockList> eldest) {
          return size() > LISTS_KEPT;
        }
      };

  FileData(Disk disk, Superblock superblock, Metadata metadata) {
    this.disk = disk;
    this.superblock = superblock;
    this.metadata = metadata;
  }

  /// Reads a file's content.
  ///
  /// @param dst filled; it lies within the file
  void read(Inode inode, long offset, MemorySegment dst) throws IOException {
    int unit = superblock.blockBytes();
    BlockList list = list(inode);
    long done = 0;
    while (done < dst.byteSize()) {
      long at = offset + done;
      int index = (int) Math.min(at / unit, list.words.length);
      long blockStart = (long) index * unit;
      long blockLength = Math.min(unit, inode.size() - blockStart);
      long part = Math.min(dst.byteSize() - done, blockStart + blockLength - at);
      MemorySegment to = dst.asSlice(done, part);
      if (index == list.words.length) {
        copy(fragment(inode, blockLength), at - blockStart + inode.offset(), to);
      } else if (list.words[index] == 0) {
        to.fill((byte) 0);
      } else {
        byte[] block = block(list.starts[index], list.words[index], (int) blockLength);
        copy(block, at - blockStart, to);
      }
      done += part;
    }
  }

  private static void copy(byte[] from, long at, MemorySegment to) {
    MemorySegment.copy(MemorySegment.ofArray(from), at, to, 0, to.byteSize());
  }

  private BlockList list(Inode inode) throws IOException {
    BlockList found = lists.get(inode.reference());
    if (found == null) {
      found = load(inode);
      lists.put(inode.reference(), found);
    }
    return found;
  }

  private BlockList load(Inode inode) throws IOException {
    int unit = superblock.blockBytes();
    long count = inode.size() / unit;
    if (inode.fragment() < 0 && inode.size() % unit != 0) {
      count++;
    }
    if (count > BLOCKS_MAX) {
      throw new LimitExceededException(
          "squashfs: inode %d: a file of %d blocks, the limit is %d (ours)"
              .formatted(inode.number(), count, BLOCKS_MAX));
    }
    Metadata.Reader in = metadata.reader(superblock.inodeTable(), inode.reference());
    in.bytes(inode.fixedBytes());
    // The list grows as it is read, so that a size alone takes no memory.
    int[] words = new int[(int) Math.min(count, 1024)];
    for (int i = 0; i < count; i++) {
      if (i == words.length) {
        words = Arrays.copyOf(words, (int) Math.min(count, 2L * i));
      }
      words[i] = in.s32();
    }
    long[] starts = new long[words.length];
    long at = inode.start();
    for (int i = 0; i < words.length; i++) {
      starts[i] = at;
      at += words[i] & (PLAIN - 1);
    }
    return new BlockList(words, starts);
  }

  private byte[] fragment(Inode inode, long length) throws IOException {
    if (inode.fragment() < 0
        || inode.fragment() >= superblock.fragments()
        || superblock.fragmentTable() < 0) {
      throw CorruptImageException.at(
          "squashfs",
          "inode " + inode.number(),
          inode.reference() >>> 16,
          "fragment " + inode.fragment(),
          "one of " + superblock.fragments());
    }
    byte[] entry = metadata.entry(superblock.fragmentTable(), inode.fragment(), 16).bytes(16);
    byte[] block = block(LittleEndian.s64(entry, 0), LittleEndian.s32(entry, 8), 0);
    if (inode.offset() < 0 || inode.offset() > block.length - length) {
      throw CorruptImageException.at(
          "squashfs",
          "inode " + inode.number(),
          inode.reference() >>> 16,
          "an end at %d in a fragment of %d bytes".formatted(inode.offset(), block.length),
          length + " bytes in it");
    }
    return block;
  }

  /// A block's content.
  ///
  /// @param word its packed length and whether it is packed
  /// @param least bytes that must come out
  private byte[] block(long at, int word, int least) throws IOException {
    byte[] found = kept.get(at);
    if (found == null) {
      found = load(at, word);
      kept.put(at, found);
      var eldest = kept.entrySet().iterator();
      while (kept.size() > BYTES_KEPT / superblock.blockBytes()) {
        eldest.next();
        eldest.remove();
      }
    }
    if (found.length < least) {
      throw CorruptImageException.at(
          "squashfs", "block", at, found.length + " bytes", "at least " + least);
    }
    return found;
  }

  private byte[] load(long at, int word) throws IOException {
    int length = word & (PLAIN - 1);
    boolean isPlain = (word & PLAIN) != 0;
    if (at < Superblock.BYTES
        || length > superblock.blockBytes()
        || at > superblock.bytesUsed() - length) {
      throw CorruptImageException.at(
          "squashfs", "block", at, length + " bytes", "at most a block's, in the file system");
    }
    byte[] packed = disk.readBytes(at, length);
    if (isPlain) {
      return packed;
    }
    byte[] plain = new byte[superblock.blockBytes()];
    int out = superblock.compression().unpack(packed, plain);
    return out == plain.length ? plain : Arrays.copyOf(plain, out);
  }
}
