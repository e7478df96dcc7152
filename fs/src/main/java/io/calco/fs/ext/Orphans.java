package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Files that were open when they lost their last name, or were being cut, when the machine went
/// down: a list through the inodes, or a file of inode numbers. Finishes what was begun.
final class Orphans {
  private static final int FILE_MAGIC = 0x0B10CA04;

  /// Blocks of an orphan file, the specification's.
  private static final int MAX_FILE_BLOCKS = 512;

  private final Volume volume;

  Orphans(Volume volume) {
    this.volume = volume;
  }

  /// True when there is something to finish.
  boolean isNeeded() throws IOException {
    return volume.superblock.u32(Superblock.LAST_ORPHAN) != 0 || hasFile();
  }

  private boolean hasFile() throws IOException {
    int roCompat = volume.superblock.s32(Superblock.RO_COMPAT);
    return volume.geometry.features().hasCompat(Features.COMPAT_ORPHAN_FILE)
        && (roCompat & Features.RO_COMPAT_ORPHAN_PRESENT) != 0;
  }

  /// Deletes or cuts all orphans and empties both lists.
  void process() throws IOException {
    Set<Long> numbers = new HashSet<>();
    long next = volume.superblock.u32(Superblock.LAST_ORPHAN);
    List<Inode> listed = new ArrayList<>();
    while (next != 0) {
      Inode inode = orphan(next, numbers);
      listed.add(inode);
      next = inode.deletionTime();
    }
    for (Inode inode : listed) {
      finish(inode);
    }
    if (!listed.isEmpty()) {
      volume.superblock.put32(Superblock.LAST_ORPHAN, 0);
    }
    if (hasFile()) {
      processFile(numbers);
      int roCompat = volume.superblock.s32(Superblock.RO_COMPAT);
      volume.superblock.put32(Superblock.RO_COMPAT, roCompat & ~Features.RO_COMPAT_ORPHAN_PRESENT);
    }
  }

  private Inode orphan(long number, Set<Long> seen) throws IOException {
    if (number < volume.geometry.firstInode() || !seen.add(number)) {
      throw new CorruptImageException(
          "ext file system: the list of orphans holds inode %d, expected each once, from %d on"
              .formatted(number, volume.geometry.firstInode()));
    }
    return volume.inodes.read(number);
  }

  private void finish(Inode inode) throws IOException {
    if (inode.links() == 0) {
      new FileRemoval(volume).release(inode);
      return;
    }
    inode.putDeletionTime(0);
    if (inode.isRegular()) {
      new FileData(volume, inode).truncate(inode.size());
      if (inode.mayHaveBlocks()) {
        int bits = volume.geometry.blockBits();
        long blocks = (inode.size() + volume.geometry.blockSize() - 1) >> bits;
        BlockMap.of(volume, inode).truncate(blocks);
      }
    }
    volume.inodes.write(inode);
  }

  private void processFile(Set<Long> seen) throws IOException {
    Inode file = volume.inodes.read(volume.superblock.u32(Superblock.ORPHAN_FILE_INODE));
    long blocks = file.size() >> volume.geometry.blockBits();
    if (!file.isRegular() || blocks > MAX_FILE_BLOCKS) {
      throw new CorruptImageException(
          "ext file system: inode %d: an orphan file of %d blocks, expected at most %d"
              .formatted(file.number(), blocks, MAX_FILE_BLOCKS));
    }
    BlockMap map = BlockMap.of(volume, file);
    for (long logical = 0; logical < blocks; logical++) {
      Run run = map.at(logical);
      if (run.hasContent()) {
        processBlock(file, run.physical(), seen);
      }
    }
  }

  private void processBlock(Inode file, long block, Set<Long> seen) throws IOException {
    byte[] content = volume.blocks.read(block, Blocks.Check.NONE).clone();
    int end = content.length - 8;
    int found = LittleEndian.s32(content, end);
    if (found != FILE_MAGIC
        || (volume.checksums.metadata()
            && LittleEndian.s32(content, end + 4) != sum(file, block, content))) {
      throw CorruptImageException.at(
          "ext file system",
          "orphan file inode " + file.number(),
          volume.geometry.byteOffset(block) + end,
          "0x" + Integer.toHexString(found),
          "magic 0xb10ca04 and a right checksum");
    }
    for (int at = 0; at + 4 <= end; at += 4) {
      long number = LittleEndian.u32(content, at);
      if (number != 0) {
        finish(orphan(number, seen));
      }
    }
    byte[] empty = volume.blocks.edit(block, Blocks.Check.NONE);
    java.util.Arrays.fill(empty, 0, end, (byte) 0);
    if (volume.checksums.metadata()) {
      LittleEndian.put32(empty, end + 4, sum(file, block, empty));
    }
  }

  /// Makes the checksums of the empty orphan file right for the places that its blocks have now.
  void reseal(Inode file) throws IOException {
    if (!volume.checksums.metadata()) {
      return;
    }
    BlockMap map = BlockMap.of(volume, file);
    long blocks = file.size() >> volume.geometry.blockBits();
    for (long logical = 0; logical < Math.min(blocks, MAX_FILE_BLOCKS); logical++) {
      Run run = map.at(logical);
      if (run.hasContent()) {
        byte[] content = volume.blocks.edit(run.physical(), Blocks.Check.NONE);
        LittleEndian.put32(content, content.length - 4, sum(file, run.physical(), content));
      }
    }
  }

  private int sum(Inode file, long block, byte[] content) {
    int sum = volume.checksums.inodeSeed(file.number(), file.generation());
    sum = Crc32c.updateLe32(sum, (int) block);
    sum = Crc32c.updateLe32(sum, (int) (block >>> 32));
    return Crc32c.update(sum, content, 0, (content.length - 8) & ~3);
  }
}
