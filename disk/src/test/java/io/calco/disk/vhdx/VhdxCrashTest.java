package io.calco.disk.vhdx;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.file.Path;
import java.util.List;

/// A VHDX that was cut off has a log, which QEMU replays.
class VhdxCrashTest extends CrashContract {
  @Override
  protected ImageFormat format() {
    return new VhdxFormat();
  }

  @Override
  protected int size() {
    return 3 << 20;
  }

  @Override
  protected List<String> layouts() {
    return List.of("block_size=1M", "subformat=fixed,block_size=1M");
  }

  @Override
  protected int peerOdds() {
    return 40;
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Oracle qemu = Oracle.named("qemu-img");
    qemu.run("check", "-f", "vhdx", "-r", "all", image).succeeds();
    qemu.run("check", "-f", "vhdx", image).succeeds();
    Path raw = Path.of(image + ".raw");
    qemu.run("convert", "-f", "vhdx", "-O", "raw", image, raw).succeeds();
  }
}
