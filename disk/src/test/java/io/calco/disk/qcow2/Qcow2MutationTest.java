package io.calco.disk.qcow2;

import io.calco.disk.ImageFormat;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// qcow2 images of every layout, damaged.
class Qcow2MutationTest extends MutationContract {
  @Override
  protected ImageFormat format() {
    return new Qcow2Format();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (String layout :
        List.of(
            "cluster_size=4096",
            "cluster_size=65536",
            "cluster_size=512,refcount_bits=8",
            "cluster_size=2048,compat=0.10",
            "cluster_size=16384,extended_l2=on",
            "cluster_size=65536,encrypt.format=luks,encrypt.iter-time=1,encrypt.cipher-alg=aes-128,"
                + "encrypt.cipher-mode=cbc")) {
      images.add(BrokenImagesTest.image(layout, new Random(1)));
    }
    return images;
  }

  /// The header and all tables lie at the beginning of a new image.
  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {0, 160},
        new long[] {0, Math.min(image.length, 16 << 10)},
        new long[] {0, Math.min(image.length, 300 << 10)});
  }
}
