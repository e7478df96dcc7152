package io.calco.fs.squashfs;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;

/// squashfs 4.0, for reading.
public final class SquashFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "squashfs";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return Superblock.probe(disk);
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    return new SquashFileSystem(disk);
  }
}
