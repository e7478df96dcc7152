package io.calco.disk.raw;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.MemoryFile;
import java.io.IOException;
import java.util.Optional;

/// A raw image.
class RawDiskTest extends DiskContract {
  @Override
  protected Disk create(long size) throws IOException {
    MemoryFile file = new MemoryFile();
    RawFormat format = new RawFormat();
    format.create(file, CreateOptions.ofSize(size), Companions.none());
    return Disk.owning(
        new FormatDisk(format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()));
  }

  @Override
  protected DiskCapabilities expected() {
    return new DiskCapabilities(true, true, true, true, true);
  }
}
