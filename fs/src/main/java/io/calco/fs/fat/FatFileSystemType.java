package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;

/// FAT12, FAT16 and FAT32.
public final class FatFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "vfat";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return disk.size() >= Geometry.BOOT_BYTES
        && Geometry.probe(disk.readBytes(0, Geometry.BOOT_BYTES));
  }

  @Override
  public long leastSize(Disk disk) throws IOException {
    return Shrink.leastSize(disk);
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
    return new FatFileSystem(new Volume(disk, Geometry.load(disk)), false);
  }

  @Override
  public FileSystem openWritable(Disk disk) throws IOException {
    if (!disk.capabilities().writable()) {
      throw new UnsupportedFeatureException("FAT file system: the disk is open for reading only");
    }
    return new FatFileSystem(new Volume(disk, Geometry.load(disk)), true);
  }
}
