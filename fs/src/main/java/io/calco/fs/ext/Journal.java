package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.Crc32c;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// The journal: a file of the file system, in jbd2's format. Its superblock stands in its first
/// block; the log takes the others, round and round.
final class Journal {
  private static final int START = 28;
  private static final int SEQUENCE = 24;
  private static final int CHECKSUM = 252;
  private static final int SUPERBLOCK_SIZE = 1024;

  private final Volume volume;
  private final BlockMap map;
  private final byte[] superblock;
  private final int checksumSeed;
  private Run cached = new Run(0, 0, 1, true);

  private Journal(Volume volume, BlockMap map, byte[] superblock) {
    this.volume = volume;
    this.map = map;
    this.superblock = superblock;
    this.checksumSeed = Crc32c.update(-1, superblock, 48, 16);
  }

  /// The file system's journal; empty when it has none.
  ///
  /// @throws UnsupportedFeatureException when it is on another device
  static Optional<Journal> open(Volume volume) throws IOException {
    if (!volume.geometry.features().hasCompat(Features.COMPAT_HAS_JOURNAL)) {
      return Optional.empty();
    }
    long number = volume.superblock.u32(Superblock.JOURNAL_INODE);
    if (number == 0) {
      throw new UnsupportedFeatureException(
          "ext file system: its journal is on another device, which Calco does not handle");
    }
    Inode inode = volume.inodes.read(number);
    BlockMap map = BlockMap.of(volume, inode);
    Run first = map.at(0);
    if (!inode.isRegular() || inode.hasFlag(Inode.FLAG_INLINE_DATA) || !first.hasContent()) {
      throw new CorruptImageException(
          "ext file system: inode " + number + ": not a journal, expected a file with blocks");
    }
    long at = volume.geometry.byteOffset(first.physical());
    byte[] block = volume.blocks.disk().readBytes(at, volume.geometry.blockSize());
    Journal journal = new Journal(volume, map, block);
    journal.check(first.physical(), inode.size());
    return Optional.of(journal);
  }

  private void check(long block, long size) throws IOException {
    long offset = volume.geometry.byteOffset(block);
    int type = BigEndian.s32(superblock, 4);
    boolean known = type == JournalFormat.SUPERBLOCK_V1 || type == JournalFormat.SUPERBLOCK_V2;
    require(
        BigEndian.s32(superblock, 0) == JournalFormat.MAGIC && known,
        offset,
        "magic 0x%x, type %d".formatted(BigEndian.s32(superblock, 0), type),
        "magic 0xc03b3998, type 3 or 4");
    long blockSize = BigEndian.u32(superblock, 12);
    require(
        blockSize == volume.geometry.blockSize(),
        offset + 12,
        "blocks of " + blockSize,
        "of " + volume.geometry.blockSize());
    int unknown = incompat() & ~JournalFormat.INCOMPAT_KNOWN;
    if (unknown != 0
        || (type == JournalFormat.SUPERBLOCK_V2 && BigEndian.s32(superblock, 44) != 0)) {
      throw new UnsupportedFeatureException(
          "ext file system: the journal has unknown features 0x" + Integer.toHexString(unknown));
    }
    if (checksums()) {
      int found = BigEndian.s32(superblock, CHECKSUM);
      int sum = superblockSum();
      require(
          found == sum,
          offset + CHECKSUM,
          "checksum 0x" + Integer.toHexString(found),
          "0x" + Integer.toHexString(sum));
    }
    long most = size >> volume.geometry.blockBits();
    long length = BigEndian.u32(superblock, 16);
    require(
        length <= Math.min(most, volume.geometry.blocksCount()) && end() > first() && first() >= 1,
        offset + 16,
        "log from %d to %d of %d blocks".formatted(first(), end(), length),
        "a log within the journal's " + most + " blocks");
    require(
        start() == 0 || (start() >= first() && start() < end()),
        offset + START,
        "log begins at " + start(),
        first() + " to " + (end() - 1));
  }

  private static void require(boolean holds, long offset, String found, String expected)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          "ext file system", "journal superblock", offset, found, expected);
    }
  }

  private boolean isVersion2() {
    return BigEndian.s32(superblock, 4) == JournalFormat.SUPERBLOCK_V2;
  }

  private int incompat() {
    return isVersion2() ? BigEndian.s32(superblock, 40) : 0;
  }

  boolean has(int incompatBit) {
    return (incompat() & incompatBit) != 0;
  }

  /// True when commit blocks carry checksums of the first version.
  boolean commitChecksums() {
    return isVersion2() && (BigEndian.s32(superblock, 36) & JournalFormat.COMPAT_CHECKSUM) != 0;
  }

  /// True when blocks carry checksums of the second or third version.
  boolean checksums() {
    return has(JournalFormat.INCOMPAT_CSUM_V2 | JournalFormat.INCOMPAT_CSUM_V3);
  }

  /// The error that the kernel recorded, or 0.
  int error() {
    return BigEndian.s32(superblock, 32);
  }

  /// The sequence of the log's first transaction, or of the next one.
  long sequence() {
    return BigEndian.u32(superblock, SEQUENCE);
  }

  /// The log's first block in use; 0 when there is nothing to replay.
  long start() {
    return BigEndian.u32(superblock, START);
  }

  /// The log's first block.
  long first() {
    return BigEndian.u32(superblock, 20);
  }

  private long fastCommitBlocks() {
    if (!has(JournalFormat.INCOMPAT_FAST_COMMIT)) {
      return 0;
    }
    long blocks = BigEndian.u32(superblock, 84);
    return blocks == 0 ? JournalFormat.DEFAULT_FAST_COMMIT_BLOCKS : blocks;
  }

  /// One past the log's last block; fast commits follow.
  long end() {
    return length() - fastCommitBlocks();
  }

  /// Blocks of the whole journal.
  long length() {
    return BigEndian.u32(superblock, 16);
  }

  byte[] uuid() {
    return Arrays.copyOfRange(superblock, 48, 64);
  }

  /// The block of the log after `index`.
  long next(long index) {
    return index + 1 >= end() ? first() : index + 1;
  }

  /// Where a block of the journal lies.
  long physical(long index) throws IOException {
    if (index < cached.logical() || index >= cached.end() || cached.physical() == 0) {
      cached = map.at(index);
      if (!cached.hasContent()) {
        throw CorruptImageException.at(
            "ext file system",
            "journal",
            index << volume.geometry.blockBits(),
            "a hole",
            "a block");
      }
    }
    return cached.physical() + (index - cached.logical());
  }

  byte[] read(long index) throws IOException {
    return volume
        .blocks
        .disk()
        .readBytes(volume.geometry.byteOffset(physical(index)), volume.geometry.blockSize());
  }

  void write(long index, byte[] block) throws IOException {
    volume.blocks.disk().writeBytes(volume.geometry.byteOffset(physical(index)), block);
  }

  /// The checksum of a block of the log, the field itself zero.
  int sum(byte[] block) {
    return Crc32c.update(checksumSeed, block);
  }

  /// The checksum of a block's content in a transaction.
  int contentSum(long sequence, byte[] content) {
    int seed = Crc32c.updateLe32(checksumSeed, Integer.reverseBytes((int) sequence));
    return Crc32c.update(seed, content);
  }

  private int superblockSum() {
    byte[] copy = Arrays.copyOf(superblock, SUPERBLOCK_SIZE);
    BigEndian.put32(copy, CHECKSUM, 0);
    return Crc32c.update(-1, copy);
  }

  /// Says in the journal's superblock where the log begins (0: nowhere) and with which sequence.
  void writeState(long start, long sequence) throws IOException {
    BigEndian.put32(superblock, START, start);
    BigEndian.put32(superblock, SEQUENCE, sequence);
    if (checksums()) {
      BigEndian.put32(superblock, CHECKSUM, superblockSum());
    }
    write(0, superblock);
  }

  /// Allows block numbers of more than 32 bits; takes effect with [#writeState].
  void useWideNumbers() throws IOException {
    if (!isVersion2()) {
      throw new UnsupportedFeatureException(
          "ext file system: a journal of version 1 with blocks beyond 2^32");
    }
    BigEndian.put32(superblock, 40, incompat() | JournalFormat.INCOMPAT_64BIT);
  }
}
