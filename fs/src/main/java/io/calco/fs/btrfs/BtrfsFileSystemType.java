package io.calco.fs.btrfs;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;

/// btrfs, for reading. What is opened is a [io.calco.fs.SubvolumeFileSystem] that shows the default
/// subvolume.
public final class BtrfsFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "btrfs";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return Superblock.probe(disk);
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
    return BtrfsFileSystem.open(Volume.load(disk));
  }
}
