package io.calco.fs.iso9660;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import java.io.IOException;

/// ISO 9660, for reading.
public final class Iso9660FileSystemType implements FileSystemType {
  @Override
  public String name() {
    return "iso9660";
  }

  @Override
  public boolean probe(Disk disk) throws IOException {
    return IsoVolume.probe(disk);
  }

  @Override
  public FileSystem openReadOnly(Disk disk) throws IOException {
    return new IsoFileSystem(disk);
  }
}
