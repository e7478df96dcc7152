package io.calco.disk.vdi;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.ImageFormat;
import io.calco.disk.MemoryFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/// VDI images, dynamic and static.
class VdiDiskTest {
  @Nested
  class Dynamic extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(size, Map.of());
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  @Nested
  class Static extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(size, Map.of("static", "on"));
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  @Nested
  class SmallBlocks extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(new SmallBlockFormat(), size, Map.of());
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  @Nested
  class SmallStaticBlocks extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(new SmallBlockFormat(), size, Map.of("static", "on"));
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  private static Disk image(long size, Map<String, String> options) throws IOException {
    return image(new VdiFormat(), size, options);
  }

  private static Disk image(ImageFormat format, long size, Map<String, String> options)
      throws IOException {
    MemoryFile file = new MemoryFile();
    format.create(file, new CreateOptions(size, Optional.empty(), options), Companions.none());
    return Disk.owning(
        new FormatDisk(format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()));
  }
}
