package io.calco.disk.luks;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.MemoryFile;
import io.calco.disk.Passphrase;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/// luks images of two ciphers.
class LuksDiskTest {
  @Nested
  class Xts extends LuksContract {
    Xts() {
      super(Map.of("iter-time", "1"));
    }
  }

  @Nested
  class Cbc extends LuksContract {
    Cbc() {
      super(Map.of("iter-time", "1", "cipher-mode", "cbc", "ivgen-alg", "essiv"));
    }
  }

  /// The contract for one cipher.
  abstract static class LuksContract extends DiskContract {
    private final Map<String, String> options;

    LuksContract(Map<String, String> options) {
      this.options = options;
    }

    /// A new luks image's bytes are undefined.
    @Override
    protected Disk create(long size) throws IOException {
      MemoryFile file = new MemoryFile();
      LuksFormat format = new LuksFormat();
      Optional<Passphrase> secret =
          Optional.of(Passphrase.of("geheim".getBytes(StandardCharsets.UTF_8)));
      format.create(
          file, new CreateOptions(size, Optional.empty(), options, secret), Companions.none());
      FormatOpenOptions open =
          new FormatOpenOptions(true, Optional.empty(), false, Companions.none(), secret);
      Disk disk = Disk.owning(new FormatDisk(format.openOwning(file, open), Optional.empty()));
      disk.writeZeroes(0, size, ZeroMode.MAY_UNMAP);
      return disk;
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, false, false, false, true);
    }
  }
}
