package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;
import java.util.Optional;

/// XFS of versions 4 and 5.
public final class XfsFileSystemType implements FileSystemType {
  /// Larger blocks do not fit a record of the log as it is written here.
  private static final int MAX_BLOCK_BITS = 14;

  private static final int MAX_STRIPE = 32 << 10;

  @Override
  public String name() {
    return "xfs";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    if (disk.size() < Geometry.SUPERBLOCK_SIZE) {
      return false;
    }
    byte[] sb = disk.readBytes(0, 128);
    return BigEndian.s32(sb, 0) == Geometry.MAGIC;
  }

  @Override
  public Growth growth() {
    return Growth.MOUNTED;
  }

  @Override
  public long leastSize(Disk disk) throws IOException {
    return Shrink.of(disk).leastSize();
  }

  @Override
  public Disk shrunk(Disk disk, long size) throws IOException {
    return Shrink.of(disk).to(size);
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    Optional<Log> log = Log.of(volume);
    boolean clean = log.isEmpty() || log.get().read().clean();
    return new XfsFileSystem(volume, clean, Optional.empty());
  }

  @Override
  public FileSystem openWritable(Disk disk) throws IOException {
    if (!disk.capabilities().writable()) {
      throw new UnsupportedFeatureException("xfs file system: the disk is open for reading only");
    }
    Volume volume = Volume.load(disk);
    return new XfsFileSystem(volume, true, Optional.of(writer(volume)));
  }

  /// Where changes go.
  ///
  /// @throws UnsupportedFeatureException when it cannot be written
  static LogWriter writer(Volume volume) throws IOException {
    Geometry geometry = volume.geometry;
    geometry.features.requireWritable();
    Optional<Log> log = Log.of(volume);
    if (log.isEmpty() || geometry.realtime) {
      throw new UnsupportedFeatureException(
          "xfs file system: Calco does not write it with "
              + (geometry.realtime ? "a realtime device" : "its log on another device"));
    }
    if (geometry.blockBits > MAX_BLOCK_BITS
        || geometry.logStripe > MAX_STRIPE
        || Group.CHUNK >> geometry.inodesPerBlockBits == 0) {
      throw new UnsupportedFeatureException(
          "xfs file system: Calco does not write it with blocks of %d bytes and a log stripe of %d"
              .formatted(geometry.blockSize(), geometry.logStripe));
    }
    Log.Content content = log.get().read();
    if (!content.clean()) {
      throw new UnsupportedFeatureException(
          "xfs file system: its log holds changes that are not in their places; mount it once, and"
              + " unmount it, before it is written");
    }
    return new LogWriter(volume, log.get(), content.head());
  }
}
