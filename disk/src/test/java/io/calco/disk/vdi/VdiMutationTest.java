package io.calco.disk.vdi;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.ImageFormat;
import io.calco.disk.MemoryFile;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// VDI images of all kinds, damaged.
class VdiMutationTest extends MutationContract {
  private static final int SIZE = 3 << 20;

  @Override
  protected ImageFormat format() {
    return new VdiFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    List<byte[]> images = new ArrayList<>();
    ImageFormat usual = new VdiFormat();
    images.add(image(usual, SIZE, Map.of()));
    images.add(image(usual, SIZE, Map.of("static", "on")));
    byte[] child = image(usual, SIZE, Map.of());
    child[VdiLayout.TYPE] = VdiLayout.DIFFERENCING;
    child[VdiLayout.UUID_PARENT] = 1;
    images.add(child);
    images.add(image(new SmallBlockFormat(), 128 << 10, Map.of()));
    return images;
  }

  private static byte[] image(ImageFormat format, int size, Map<String, String> options)
      throws IOException {
    MemoryFile file = new MemoryFile();
    format.create(file, new CreateOptions(size, Optional.empty(), options), Companions.none());
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()))) {
      disk.writeBytes(10_000, new byte[] {1, 2, 3});
      disk.writeBytes(size - 100_000, new byte[] {4, 5, 6});
    }
    return file.toBytes();
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {0x40, 16}, new long[] {0x154, 0x74}, new long[] {512, 16});
  }
}
