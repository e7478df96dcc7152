package io.calco.fs.ntfs;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;
import java.util.Optional;

/// NTFS.
public final class NtfsFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "ntfs";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return disk.size() >= 512 && BootSector.isMarked(disk.readBytes(0, 512));
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
    return new NtfsFileSystem(Volume.load(disk), Optional.empty());
  }

  @Override
  public FileSystem openWritable(Disk disk) throws IOException {
    if (!disk.capabilities().writable()) {
      throw new UnsupportedFeatureException("NTFS: the disk is open for reading only");
    }
    Volume volume = Volume.load(disk);
    Soundness.require(volume);
    return new NtfsFileSystem(volume, Optional.of(new NtfsWriter(volume)));
  }
}
