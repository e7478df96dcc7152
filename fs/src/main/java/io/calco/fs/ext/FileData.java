package io.calco.fs.ext;

import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The content of a regular file or a symbolic link.
final class FileData {
  private final Volume volume;
  private final Inode inode;

  FileData(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// Reads content; holes and blocks only set aside are zeroes.
  ///
  /// @return bytes read; fewer than asked only at the end of the file
  int read(long offset, MemorySegment dst) throws IOException {
    long length = Math.min(dst.byteSize(), Math.max(0, inode.size() - offset));
    length = Math.min(length, Integer.MAX_VALUE);
    if (length <= 0) {
      return 0;
    }
    if (inode.hasFlag(Inode.FLAG_INLINE_DATA)) {
      byte[] content = new InlineData(volume, inode).content();
      MemorySegment.copy(MemorySegment.ofArray(content), offset, dst, 0, length);
      return (int) length;
    }
    int bits = volume.geometry.blockBits();
    BlockMap map = BlockMap.of(volume, inode);
    long done = 0;
    while (done < length) {
      long at = offset + done;
      Run run = map.at(at >> bits);
      long in = at & (volume.geometry.blockSize() - 1);
      long inRun = run.length() > length >> bits ? (length - done) : (run.length() << bits) - in;
      long part = Math.min(inRun, length - done);
      if (run.hasContent()) {
        volume.blocks.readContent(run.physical(), in, dst.asSlice(done, part));
      } else {
        dst.asSlice(done, part).fill((byte) 0);
      }
      done += part;
    }
    return (int) length;
  }

  /// All of a symbolic link's target.
  byte[] readTarget() throws IOException {
    if (inode.isFastLink()) {
      return Arrays.copyOfRange(inode.raw(), Inode.BLOCK_MAP, Inode.BLOCK_MAP + (int) inode.size());
    }
    int size = (int) Math.min(inode.size(), 65536);
    byte[] target = new byte[size];
    read(0, MemorySegment.ofArray(target));
    return target;
  }

  /// Gives back the content of a file of any kind; its block map is empty afterwards.
  void free() throws IOException {
    if (inode.hasFlag(Inode.FLAG_INLINE_DATA)) {
      new InlineData(volume, inode).remove();
    } else if (inode.mayHaveBlocks()) {
      BlockMap.of(volume, inode).truncate(0);
    }
    Arrays.fill(inode.raw(), Inode.BLOCK_MAP, Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE, (byte) 0);
    inode.putSize(0);
  }

  /// Replaces the content: the new one is written to free blocks, then the old ones are given back.
  void replace(byte[] content) throws IOException {
    free();
    boolean stored =
        volume.incompat(Features.INCOMPAT_INLINE_DATA)
            && content.length <= volume.geometry.inodeSize()
            && InlineData.store(volume, inode, content);
    if (!stored) {
      storeInBlocks(content);
    }
  }

  private void storeInBlocks(byte[] content) throws IOException {
    inode.clearFlag(Inode.FLAG_EXTENTS);
    if (volume.incompat(Features.INCOMPAT_EXTENTS)) {
      ExtentMap.initialise(inode);
    }
    int bits = volume.geometry.blockBits();
    int blockSize = volume.geometry.blockSize();
    long blocks = (content.length + (long) blockSize - 1) >> bits;
    long goal = volume.goal(inode);
    MemorySegment source = MemorySegment.ofArray(content);
    BlockMap map = BlockMap.of(volume, inode);
    for (long done = 0; done < blocks; ) {
      Run run = volume.allocator.allocate(goal, blocks - done);
      long from = done << bits;
      long whole = Math.min(content.length - from, run.length() << bits);
      long aligned = whole & -blockSize;
      if (aligned > 0) {
        volume.blocks.writeContent(run.physical(), source.asSlice(from, aligned));
      }
      if (aligned < whole) {
        byte[] last = new byte[blockSize];
        MemorySegment.copy(source, from + aligned, MemorySegment.ofArray(last), 0, whole - aligned);
        volume.blocks.writeContent(run.physical() + (aligned >> bits), MemorySegment.ofArray(last));
      }
      map.append(new Run(done, run.physical(), run.length(), true));
      done += run.length();
      goal = run.physical() + run.length();
    }
    inode.putSize(content.length);
  }

  /// Sets the length of a regular file.
  void truncate(long length) throws IOException {
    long most = BlockMap.mostBlocks(volume) << volume.geometry.blockBits();
    if (length > most) {
      throw new LimitExceededException(
          "ext file system: inode %d: a file of %d bytes, the limit is %d"
              .formatted(inode.number(), length, most));
    }
    if (length > Integer.MAX_VALUE) {
      volume.superblock.addFeature(
          Superblock.RO_COMPAT, Features.RO_COMPAT_LARGE_FILE, "files of 2 GiB");
    }
    if (inode.hasFlag(Inode.FLAG_INLINE_DATA)) {
      byte[] content = new InlineData(volume, inode).content();
      if (length <= volume.geometry.inodeSize()) {
        replace(Arrays.copyOf(content, (int) length));
        return;
      }
      new InlineData(volume, inode).remove();
      storeInBlocks(content);
    }
    if (length < inode.size()) {
      int bits = volume.geometry.blockBits();
      long keep = (length + volume.geometry.blockSize() - 1) >> bits;
      BlockMap map = BlockMap.of(volume, inode);
      map.truncate(keep);
      int in = (int) (length & (volume.geometry.blockSize() - 1));
      Run last = in == 0 ? null : map.at(keep - 1);
      if (last != null && last.hasContent()) {
        byte[] block = volume.blocks.edit(last.physical(), Blocks.Check.NONE);
        Arrays.fill(block, in, block.length, (byte) 0);
      }
    }
    inode.putSize(length);
  }

  /// Writes a symbolic link's target: into the inode when it is short enough.
  void storeTarget(byte[] target) throws IOException {
    if (target.length < Inode.BLOCK_MAP_SIZE) {
      System.arraycopy(target, 0, inode.raw(), Inode.BLOCK_MAP, target.length);
      inode.putSize(target.length);
    } else {
      storeInBlocks(target);
    }
  }
}
