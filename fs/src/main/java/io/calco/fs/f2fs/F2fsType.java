package io.calco.fs.f2fs;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.UsedBlocks;
import java.io.IOException;

/// f2fs: what is in use, but not its files.
public final class F2fsType implements FileSystemType {
  @Override
  public String name() {
    return "f2fs";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return Superblock.probe(disk);
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    throw new UnsupportedFeatureException("f2fs file system: Calco does not read its files");
  }

  @Override
  public UsedBlocks openUsedBlocks(Disk disk) throws IOException {
    Superblock superblock = Superblock.read(disk);
    return new SegmentTable(disk, superblock, Checkpoint.read(disk, superblock));
  }
}
