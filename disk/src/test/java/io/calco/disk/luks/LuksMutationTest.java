package io.calco.disk.luks;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.ImageFormat;
import io.calco.disk.MemoryFile;
import io.calco.disk.MutationContract;
import io.calco.disk.Passphrase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// luks images, damaged; the passphrase is the contract's.
class LuksMutationTest extends MutationContract {
  @Override
  protected ImageFormat format() {
    return new LuksFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (Map<String, String> options :
        List.of(
            Map.of("iter-time", "1", "cipher-alg", "aes-128"),
            Map.of("iter-time", "1", "cipher-mode", "cbc", "ivgen-alg", "essiv"))) {
      MemoryFile file = new MemoryFile();
      Optional<Passphrase> secret = Optional.of(Passphrase.of(new byte[] {'x'}));
      new LuksFormat()
          .create(
              file,
              new CreateOptions(64 << 10, Optional.empty(), options, secret),
              Companions.none());
      images.add(file.toBytes());
    }
    return images;
  }

  @Override
  protected int count() {
    return 500;
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {0, 208}, new long[] {0, 592}, new long[] {104, 8});
  }
}
