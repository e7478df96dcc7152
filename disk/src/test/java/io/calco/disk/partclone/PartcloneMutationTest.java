package io.calco.disk.partclone;

import io.calco.disk.ImageFormat;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// partclone images of both versions, damaged.
class PartcloneMutationTest extends MutationContract {
  @Override
  protected ImageFormat format() {
    return new PartcloneFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    Images.Device device = Images.device(new Random(1), 256 << 10, 512);
    List<byte[]> images = new ArrayList<>();
    for (Checksum checksum : Checksum.values()) {
      images.add(Images.version2(device, new PartcloneOptions("EXTFS", checksum, Optional.of(5))));
    }
    images.add(Images.version1(device, false));
    images.add(Images.version1(device, true));
    return images;
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {30, 80}, new long[] {0, 300}, new long[] {4160, 600});
  }
}
