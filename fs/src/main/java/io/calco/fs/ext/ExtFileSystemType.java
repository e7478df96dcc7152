package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// ext2, ext3 and ext4.
public final class ExtFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "ext";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    if (disk.size() < Geometry.SUPERBLOCK_OFFSET + Geometry.SUPERBLOCK_SIZE) {
      return false;
    }
    byte[] sb = disk.readBytes(Geometry.SUPERBLOCK_OFFSET, Geometry.SUPERBLOCK_SIZE);
    return LittleEndian.u16(sb, 0x38) == Geometry.MAGIC
        && LittleEndian.u32(sb, 0x18) <= 6
        && (LittleEndian.s32(sb, 0x60) & Features.INCOMPAT_JOURNAL_DEV) == 0;
  }

  @Override
  public Growth growth() {
    return Growth.OFFLINE;
  }

  @Override
  public long leastSize(Disk disk) throws IOException {
    return LeastSize.of(disk);
  }

  @Override
  public Disk shrunk(Disk disk, long size) throws IOException {
    try {
      return Shrink.to(disk, size);
    } catch (NoSpaceException e) {
      throw e.asLimit();
    }
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    if (!volume.incompat(Features.INCOMPAT_RECOVER)) {
      return new ExtFileSystem(volume, Optional.empty(), false);
    }
    Journal journal = journalToReplay(volume);
    if (journal.start() == 0) {
      return new ExtFileSystem(volume, Optional.empty(), false);
    }
    Map<Long, Blocks.Replayed> replayed = JournalReplay.read(volume, journal).blocks();
    return new ExtFileSystem(replay(volume, replayed), Optional.empty(), false);
  }

  private static Journal journalToReplay(Volume volume) throws IOException {
    return Journal.open(volume)
        .orElseThrow(() ->
            new CorruptImageException(
                "ext file system: superblock: needs journal recovery, but has no journal"));
  }

  /// The file system as the replayed blocks make it: its superblock may be one of them.
  private static Volume replay(Volume volume, Map<Long, Blocks.Replayed> replayed)
      throws IOException {
    Disk disk = volume.blocks.disk();
    byte[] sb = disk.readBytes(Geometry.SUPERBLOCK_OFFSET, Geometry.SUPERBLOCK_SIZE);
    Volume view = Volume.of(disk, sb, replayed);
    return Volume.of(disk, view.superblock.bytes(0, Geometry.SUPERBLOCK_SIZE), replayed);
  }

  @Override
  public FileSystem openWritable(Disk disk) throws IOException {
    if (!disk.capabilities().writable()) {
      throw new UnsupportedFeatureException("ext file system: the disk is open for reading only");
    }
    Volume volume = ready(disk);
    return opened(volume, Journal.open(volume));
  }

  /// As [#openWritable] on a disk that is thrown away after a crash: changes are written to their
  /// places only, the same each time.
  static FileSystem openThrowAway(Disk disk) throws IOException {
    return opened(ready(disk), Optional.empty());
  }

  private static FileSystem opened(Volume volume, Optional<Journal> journal) throws IOException {
    ExtFileSystem fileSystem = new ExtFileSystem(volume, journal, true);
    fileSystem.processOrphans();
    return fileSystem;
  }

  /// The file system with its journal replayed and empty.
  private static Volume ready(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    volume.geometry.features().requireWritable();
    if (volume.incompat(Features.INCOMPAT_RECOVER)) {
      recover(volume);
      volume = Volume.load(disk);
      volume.geometry.features().requireWritable();
    }
    Optional<Journal> journal = Journal.open(volume);
    refuseUnclean(volume, journal);
    if (journal.isPresent() && journal.get().start() != 0) {
      // All of the log is in its places, or the superblock would ask for a replay: as the kernel
      // does, only see that its sequences do not come again.
      journal.get().writeState(0, JournalReplay.read(volume, journal.get()).nextSequence());
      disk.sync();
    }
    return volume;
  }

  private static void refuseUnclean(Volume volume, Optional<Journal> journal) throws IOException {
    int state = volume.superblock.u16(Superblock.STATE);
    boolean failed = journal.isPresent() && journal.get().error() != 0;
    if ((state & Superblock.STATE_VALID) == 0 || (state & Superblock.STATE_ERROR) != 0 || failed) {
      throw new UnsupportedFeatureException(
          "%s file system: it is marked as %s; run e2fsck before it is written"
              .formatted(
                  volume.geometry.features().typeName(),
                  (state & Superblock.STATE_ERROR) != 0 || failed
                      ? "having errors"
                      : "not cleanly unmounted"));
    }
  }

  /// Replays the journal into the disk; a crash meanwhile leaves it to be replayed again.
  private static void recover(Volume volume) throws IOException {
    Journal journal = journalToReplay(volume);
    Disk disk = volume.blocks.disk();
    long sequence = journal.sequence();
    if (journal.start() != 0) {
      JournalReplay.Result result = JournalReplay.read(volume, journal);
      replay(volume, result.blocks()).geometry.features().requireWritable();
      Blocks view =
          new Blocks(
              disk,
              volume.geometry.blockBits(),
              disk.size() >> volume.geometry.blockBits(),
              result.blocks());
      for (long block : result.blocks().keySet().stream().sorted().toList()) {
        byte[] content = view.read(block, Blocks.Check.NONE);
        disk.writeBytes(volume.geometry.byteOffset(block), content);
      }
      sequence = result.nextSequence();
      disk.sync();
    }
    journal.writeState(0, sequence);
    byte[] sb = disk.readBytes(Geometry.SUPERBLOCK_OFFSET, Geometry.SUPERBLOCK_SIZE);
    int incompat = LittleEndian.s32(sb, Superblock.INCOMPAT);
    LittleEndian.put32(sb, Superblock.INCOMPAT, incompat & ~Features.INCOMPAT_RECOVER);
    if (volume.checksums.metadata()) {
      LittleEndian.put32(sb, 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
    }
    disk.writeBytes(Geometry.SUPERBLOCK_OFFSET, sb);
    disk.sync();
  }
}
