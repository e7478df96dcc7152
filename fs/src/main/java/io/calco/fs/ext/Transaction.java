package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Brings the changed blocks to the disk so that a crash at any point leaves all of them old or all
/// of them new.
///
/// With a journal, in this order, each step on the medium before the next: the content of files
/// (into blocks that were free), and the changed blocks in the log; the log's commit block, the
/// superblock's mark that the journal must be replayed, and the journal's own superblock, which
/// makes the log count; the changed blocks in their places; both marks taken back. The log is empty
/// between transactions, so nothing need ever be revoked.
///
/// Without one, or when a single operation changes more blocks than the log holds: the superblock
/// says "not clean" while the blocks are written, and a crash meanwhile is for e2fsck to mend.
final class Transaction {
  /// Bytes of changed blocks after which a commit is due, ours.
  private static final long CHANGED_BYTES = 8L << 20;

  private final Volume volume;
  private final Optional<Journal> journal;

  Transaction(Volume volume, Optional<Journal> journal) {
    this.volume = volume;
    this.journal = journal;
  }

  /// True when enough has changed to write it.
  boolean isDue() {
    long blocks = CHANGED_BYTES >> volume.geometry.blockBits();
    if (journal.isPresent()) {
      blocks = Math.min(blocks, (journal.get().end() - journal.get().first()) / 2);
    }
    return volume.blocks.changed().size() >= blocks;
  }

  /// Writes everything that changed; returns when it is on the medium.
  void commit() throws IOException {
    Disk disk = volume.blocks.disk();
    if (volume.blocks.changed().isEmpty()) {
      disk.sync();
      return;
    }
    volume.groups.seal();
    Optional<JournalWriter> writer =
        journal.isPresent()
            ? JournalWriter.fitting(volume, journal.get(), volume.blocks.changed().size() + 1)
            : Optional.empty();
    if (writer.isPresent()) {
      commitInJournal(disk, writer.get());
    } else {
      commitInPlace(disk);
    }
    volume.blocks.written();
    volume.allocator.committed();
  }

  private void commitInJournal(Disk disk, JournalWriter writer) throws IOException {
    long incompat = volume.superblock.u32(Superblock.INCOMPAT);
    volume.superblock.put32(Superblock.INCOMPAT, incompat | Features.INCOMPAT_RECOVER);
    volume.superblock.seal();
    List<Long> numbers = volume.blocks.changedNumbers();
    writer.writeLog(numbers);
    disk.sync();
    byte[] old = readSuperblock(disk);
    LittleEndian.put32(old, Superblock.INCOMPAT, incompat | Features.INCOMPAT_RECOVER);
    writeSuperblock(disk, old);
    writer.writeCommit();
    disk.sync();
    boolean grows = Geometry.parse(old, disk.size()).blocksCount() != volume.geometry.blocksCount();
    if (grows) {
      // The journal is found by the superblock and the descriptors: the new superblock may stand
      // only where all new descriptors do.
      writeChanged(disk, allButSuperblock(numbers));
      disk.sync();
    }
    writeChanged(disk, numbers);
    disk.sync();
    writer.close();
    volume.superblock.put32(Superblock.INCOMPAT, incompat);
    volume.superblock.seal();
    writeChanged(disk, List.of(volume.geometry.superblockBlock()));
    disk.sync();
  }

  private void commitInPlace(Disk disk) throws IOException {
    int state = volume.superblock.u16(Superblock.STATE);
    byte[] old = readSuperblock(disk);
    LittleEndian.put16(old, Superblock.STATE, state & ~Superblock.STATE_VALID);
    writeSuperblock(disk, old);
    disk.sync();
    volume.superblock.seal();
    writeChanged(disk, allButSuperblock(volume.blocks.changedNumbers()));
    disk.sync();
    writeChanged(disk, List.of(volume.geometry.superblockBlock()));
    disk.sync();
  }

  private List<Long> allButSuperblock(List<Long> numbers) {
    return numbers.stream().filter(block -> block != volume.geometry.superblockBlock()).toList();
  }

  private static byte[] readSuperblock(Disk disk) throws IOException {
    return disk.readBytes(Geometry.SUPERBLOCK_OFFSET, Geometry.SUPERBLOCK_SIZE);
  }

  private void writeSuperblock(Disk disk, byte[] sb) throws IOException {
    if (volume.checksums.metadata()) {
      LittleEndian.put32(sb, 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
    }
    disk.writeBytes(Geometry.SUPERBLOCK_OFFSET, sb);
  }

  /// Writes blocks to their places, neighbours together.
  private void writeChanged(Disk disk, List<Long> numbers) throws IOException {
    int blockSize = volume.geometry.blockSize();
    int most = Math.max(1, (1 << 20) / blockSize);
    for (int i = 0; i < numbers.size(); ) {
      int length = 1;
      while (i + length < numbers.size()
          && length < most
          && numbers.get(i + length) == numbers.get(i) + length) {
        length++;
      }
      byte[] together = new byte[length * blockSize];
      for (int k = 0; k < length; k++) {
        byte[] content = volume.blocks.read(numbers.get(i + k), Blocks.Check.NONE);
        System.arraycopy(content, 0, together, k * blockSize, blockSize);
      }
      disk.writeBytes(volume.geometry.byteOffset(numbers.get(i)), together);
      i += length;
    }
  }
}
