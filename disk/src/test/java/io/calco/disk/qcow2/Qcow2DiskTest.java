package io.calco.disk.qcow2;

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
import io.calco.disk.Passphrase;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/// qcow2 images of several layouts.
class Qcow2DiskTest {
  @Nested
  class Usual extends Qcow2Contract {
    Usual() {
      super(Map.of());
    }
  }

  @Nested
  class Version2 extends Qcow2Contract {
    Version2() {
      super(Map.of("compat", "0.10", "cluster_size", "4k"));
    }
  }

  @Nested
  class Small extends Qcow2Contract {
    Small() {
      super(Map.of("cluster_size", "512", "refcount_bits", "64"));
    }
  }

  @Nested
  class Narrow extends Qcow2Contract {
    Narrow() {
      super(Map.of("cluster_size", "1k", "refcount_bits", "1"));
    }
  }

  @Nested
  class Subclusters extends Qcow2Contract {
    Subclusters() {
      super(Map.of("cluster_size", "16k", "extended_l2", "on"));
    }
  }

  @Nested
  class Preallocated extends Qcow2Contract {
    Preallocated() {
      super(Map.of("cluster_size", "8k", "preallocation", "metadata"));
    }
  }

  @Nested
  class Encrypted extends Qcow2Contract {
    Encrypted() {
      super(Map.of("cluster_size", "4k", "encrypt.format", "luks", "encrypt.iter-time", "1"));
    }
  }

  @Nested
  class EncryptedPreallocated extends Qcow2Contract {
    EncryptedPreallocated() {
      super(
          Map.of(
              "cluster_size",
              "16k",
              "encrypt.format",
              "luks",
              "encrypt.iter-time",
              "1",
              "preallocation",
              "metadata"));
    }
  }

  /// Over a backing disk of zeroes.
  @Nested
  class Overlay extends Qcow2Contract {
    Overlay() {
      super(Map.of("cluster_size", "32k"), true, true);
    }
  }

  /// Version 2 cannot say that a cluster hides a backing image.
  @Nested
  class OverlayVersion2 extends Qcow2Contract {
    OverlayVersion2() {
      super(Map.of("cluster_size", "2k", "compat", "0.10"), true, false);
    }
  }

  /// The contract for one layout.
  abstract static class Qcow2Contract extends DiskContract {
    private final Map<String, String> options;
    private final boolean overlay;
    private final boolean zeroes;

    Qcow2Contract(Map<String, String> options) {
      this(options, false, true);
    }

    Qcow2Contract(Map<String, String> options, boolean overlay, boolean zeroes) {
      this.options = options;
      this.overlay = overlay;
      this.zeroes = zeroes;
    }

    @Override
    protected Disk create(long size) throws IOException {
      MemoryFile file = new MemoryFile();
      Qcow2Format format = new Qcow2Format();
      Optional<BackingReference> below =
          overlay
              ? Optional.of(new BackingReference("below", Optional.of("raw")))
              : Optional.empty();
      Optional<Passphrase> secret = Optional.of(Passphrase.of(new byte[] {'x'}));
      format.create(file, new CreateOptions(size, below, options, secret), Companions.none());
      FormatOpenOptions open =
          new FormatOpenOptions(true, Optional.empty(), false, Companions.none(), secret);
      Optional<Disk> backing =
          below.map(b -> Disk.owning(new MemoryDriver(new byte[Math.toIntExact(size)])));
      return Disk.owning(new FormatDisk(format.openOwning(file, open), backing));
    }

    @Override
    protected DiskCapabilities expected() {
      return new DiskCapabilities(true, true, zeroes, zeroes, true);
    }
  }
}
