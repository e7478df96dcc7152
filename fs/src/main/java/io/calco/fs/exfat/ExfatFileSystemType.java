package io.calco.fs.exfat;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;

/// exFAT, for reading.
public final class ExfatFileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "exfat";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return Geometry.probe(disk);
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    return new ExfatFileSystem(disk);
  }
}
