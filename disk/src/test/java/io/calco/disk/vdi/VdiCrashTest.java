package io.calco.disk.vdi;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/// A VDI that was cut off has a count of blocks that is too large at most, and QEMU reads it.
class VdiCrashTest {
  @Nested
  class Usual extends CrashContract {
    @Override
    protected ImageFormat format() {
      return new VdiFormat();
    }

    @Override
    protected List<String> layouts() {
      return List.of("", "static=on");
    }

    @Override
    protected int size() {
      return 4 << 20;
    }

    @Override
    protected int operations() {
      return 40;
    }

    @Override
    protected int peerOdds() {
      return 100;
    }

    @Override
    protected void peerAccepts(Path image, VerifyReport report) {
      Oracle.Run checked = Oracle.named("qemu-img").run("check", "-f", "vdi", image);
      if (report.clean()) {
        checked.succeeds();
      } else {
        checked.exits(2);
      }
      Oracle.named("qemu-img")
          .run("convert", "-f", "vdi", "-O", "raw", image, image + ".raw")
          .succeeds();
    }
  }

  /// QEMU does not read them; they are moved about more.
  @Nested
  class SmallBlocks extends CrashContract {
    @Override
    protected ImageFormat format() {
      return new SmallBlockFormat();
    }

    @Override
    protected List<String> layouts() {
      return List.of("", "static=on");
    }

    @Override
    protected void peerAccepts(Path image, VerifyReport report) {}
  }
}
