package io.calco.disk.vmdk;

import io.calco.disk.BackingReference;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.MemoryDriver;
import io.calco.disk.MemoryFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/// VMDKs of several layouts.
class VmdkDiskTest {
  @Nested
  class Sparse extends VmdkContract {
    Sparse() {
      super(Map.of(), false, new DiskCapabilities(true, true, true, true, true));
    }
  }

  @Nested
  class ZeroedGrains extends VmdkContract {
    ZeroedGrains() {
      super(Map.of("zeroed_grain", "on"), true, new DiskCapabilities(true, true, true, true, true));
    }
  }

  /// Without zeroed grains a delta cannot hide its parent by metadata.
  @Nested
  class Delta extends VmdkContract {
    Delta() {
      super(Map.of(), true, new DiskCapabilities(true, true, true, false, true));
    }
  }

  @Nested
  class Flat extends VmdkContract {
    Flat() {
      super(
          Map.of("subformat", "monolithicFlat"),
          false,
          new DiskCapabilities(true, true, false, false, true));
    }
  }

  @Nested
  class SplitFlat extends VmdkContract {
    SplitFlat() {
      super(
          Map.of("subformat", "twoGbMaxExtentFlat"),
          false,
          new DiskCapabilities(true, true, false, false, false));
    }
  }

  /// Extents of all kinds that end in the middle of a grain.
  @Nested
  class Mixed extends DiskContract {
    @Override
    protected Disk create(long size) throws IOException {
      MemoryCompanions files = new MemoryCompanions();
      VmdkCreator.writeSparse(files.put("a.vmdk", new byte[0]), SparsePlan.of(300, 0, false));
      VmdkCreator.writeSparse(files.put("b.vmdk", new byte[0]), SparsePlan.of(129, 0, true));
      files.put("c.vmdk", new byte[1 << 20]);
      long rest = size / 512 - 300 - 129;
      String text =
          """
          # Disk DescriptorFile
          version=1
          CID=12345678
          parentCID=ffffffff
          createType="custom"
          RW 300 SPARSE "a.vmdk"
          RW 129 SPARSE "b.vmdk"
          RW %d FLAT "c.vmdk" 7
          """
              .formatted(rest);
      MemoryFile file = new MemoryFile(text.getBytes(StandardCharsets.UTF_8));
      return Disk.owning(
          new FormatDisk(
              new VmdkFormat().openOwning(file, Images.writing(files)), Optional.empty()));
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, true, true, false);
    }
  }

  /// The contract for one layout.
  abstract static class VmdkContract extends DiskContract {
    private final Map<String, String> options;
    private final boolean delta;
    private final DiskCapabilities expected;

    VmdkContract(Map<String, String> options, boolean delta, DiskCapabilities expected) {
      this.options = options;
      this.delta = delta;
      this.expected = expected;
    }

    @Override
    protected Disk create(long size) throws IOException {
      MemoryFile file = new MemoryFile();
      MemoryCompanions files = new MemoryCompanions();
      Optional<BackingReference> below =
          delta
              ? Optional.of(
                  new BackingReference("below.vmdk", Optional.of("vmdk"), Optional.of("1234abcd")))
              : Optional.empty();
      VmdkFormat format = new VmdkFormat();
      format.create(file, new CreateOptions(size, below, options), files);
      Optional<Disk> backing =
          below.map(b -> Disk.owning(new MemoryDriver(new byte[Math.toIntExact(size)])));
      FormatOpenOptions writing = Images.writing(files);
      return Disk.owning(new FormatDisk(format.openOwning(file, writing), backing));
    }

    @Override
    protected DiskCapabilities expected() {
      return expected;
    }
  }
}
