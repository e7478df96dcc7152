package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Brings the changed blocks to the disk so that a crash at any point leaves all of them old or all
/// of them new, each step on the medium before the next: the content of files (into blocks that
/// were free), and the changed blocks as one transaction of the log; the changed blocks in their
/// places; the log's mark that there is nothing to replay.
final class Transaction {
  /// Bytes of changed blocks after which a commit is due, ours.
  private static final long CHANGED_BYTES = 2L << 20;

  private final Volume volume;
  private final LogWriter log;

  Transaction(Volume volume, LogWriter log) {
    this.volume = volume;
    this.log = log;
  }

  LogWriter log() {
    return log;
  }

  /// True when enough has changed to write it.
  boolean isDue() {
    long bytes = (long) volume.blocks.changedCount() << volume.geometry.blockBits;
    return bytes >= Math.min(CHANGED_BYTES, log.capacity() / 4);
  }

  /// Writes everything that changed; returns when it is on the medium.
  void commit() throws IOException {
    Disk disk = volume.blocks.disk();
    if (!volume.blocks.isChanged() && !volume.space.isChanged()) {
      disk.sync();
      return;
    }
    storeGroups();
    List<Long> numbers = volume.blocks.changedNumbers();
    List<LogWriter.Item> items = new ArrayList<>();
    for (long block : numbers) {
      addItems(block, items);
    }
    log.append(items);
    disk.sync();
    writeChanged(disk, numbers);
    disk.sync();
    log.unmount();
    disk.sync();
    volume.blocks.written();
    volume.space.loaded().forEach(Group::committed);
  }

  private void storeGroups() throws IOException {
    long inodes = 0;
    long freeInodes = 0;
    long freeBlocks = 0;
    for (Group group : volume.space.loaded()) {
      if (group.isChanged()) {
        GroupStore.Change change = new GroupStore(volume, group).store();
        inodes += change.inodes();
        freeInodes += change.freeInodes();
        freeBlocks += change.freeBlocks();
      }
    }
    byte[] sb = volume.groupHeader(0, 0);
    BigEndian.put64(sb, 128, BigEndian.s64(sb, 128) + inodes);
    BigEndian.put64(sb, 136, BigEndian.s64(sb, 136) + freeInodes);
    BigEndian.put64(sb, 144, BigEndian.s64(sb, 144) + freeBlocks);
    Metadata.SUPERBLOCK.seal(sb, 0, sb.length);
    volume.putGroupHeader(0, 0, sb);
  }

  private void addItems(long block, List<LogWriter.Item> items) throws IOException {
    Geometry geometry = volume.geometry;
    Blocks.Buffer buffer = volume.blocks.buffer(block);
    byte[] content = volume.blocks.copy(block, 1);
    long basic = geometry.basicBlock(block);
    int units = geometry.blockSize() / LogRecord.UNIT;
    if (buffer.type() != Buffers.HEADERS) {
      int from = (int) (block - buffer.start()) << geometry.blockBits;
      items.add(
          new LogWriter.Item(
              buffer.type(),
              geometry.basicBlock(buffer.start()),
              buffer.count() * units,
              from,
              content));
      return;
    }
    int sector = geometry.sectorSize;
    for (int at = 0; at < content.length; at += sector) {
      int type =
          switch (BigEndian.s32(content, at)) {
            case Geometry.MAGIC -> block == 0 ? Buffers.SUPERBLOCK : 0;
            case GroupHeader.AGF_MAGIC -> Buffers.AGF;
            case GroupHeader.AGI_MAGIC -> Buffers.AGI;
            default -> 0;
          };
      if (type != 0 && at / sector < 3) {
        byte[] part = java.util.Arrays.copyOfRange(content, at, at + sector);
        items.add(
            new LogWriter.Item(
                type, basic + at / LogRecord.UNIT, sector / LogRecord.UNIT, 0, part));
      }
    }
  }

  /// Writes blocks to their places, neighbours together.
  private void writeChanged(Disk disk, List<Long> numbers) throws IOException {
    int most = Math.max(1, (1 << 20) >> volume.geometry.blockBits);
    for (int i = 0; i < numbers.size(); ) {
      int length = 1;
      while (i + length < numbers.size()
          && length < most
          && numbers.get(i + length) == numbers.get(i) + length) {
        length++;
      }
      byte[] together = volume.blocks.copy(numbers.get(i), length);
      disk.writeBytes(numbers.get(i) << volume.geometry.blockBits, together);
      i += length;
    }
  }
}
