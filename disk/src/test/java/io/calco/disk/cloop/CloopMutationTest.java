package io.calco.disk.cloop;

import io.calco.disk.ImageFormat;
import io.calco.disk.Imports;
import io.calco.disk.MutationContract;
import java.util.List;
import java.util.Random;

/// cloop images, damaged.
class CloopMutationTest extends MutationContract {
  @Override
  protected ImageFormat format() {
    return new CloopFormat();
  }

  @Override
  protected List<byte[]> images() {
    return List.of(
        Cloops.pack(Imports.content(300_000, new Random(1)), 65536),
        Cloops.pack(Imports.content(100_000, new Random(2)), 512));
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {128, 8}, new long[] {136, 200});
  }
}
