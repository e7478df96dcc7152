package io.calco.disk.vhd;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.MemoryDriver;
import io.calco.disk.MemoryFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/// VHD images of all kinds.
class VhdDiskTest {
  @Nested
  class Dynamic extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(size, Map.of("force_size", "on"), Optional.empty());
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
      return image(size, Map.of("force_size", "on", "block_size", "512k"), Optional.empty());
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  @Nested
  class Fixed extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      return image(size, Map.of("subformat", "fixed", "force_size", "on"), Optional.empty());
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, true);
    }
  }

  /// On a disk of zeroes.
  @Nested
  class Differencing extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      BackingReference parent =
          new BackingReference(
              "parent.vhd",
              Optional.of("vpc"),
              Optional.of("00112233-4455-6677-8899-aabbccddeeff"));
      return image(size, Map.of(), Optional.of(parent));
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, false);
    }
  }

  private static Disk image(
      long size, Map<String, String> options, Optional<BackingReference> parent)
      throws IOException {
    MemoryFile file = new MemoryFile();
    VhdFormat format = new VhdFormat();
    format.create(file, new CreateOptions(size, parent, options), Companions.none());
    Optional<Disk> below =
        parent.isPresent()
            ? Optional.of(Disk.owning(new MemoryDriver(new byte[Math.toIntExact(size)])))
            : Optional.empty();
    return Disk.owning(
        new FormatDisk(format.openOwning(file, FormatOpenOptions.readWrite()), below));
  }
}
