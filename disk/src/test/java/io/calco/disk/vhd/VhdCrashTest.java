package io.calco.disk.vhd;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.file.Path;
import java.util.List;

/// A VHD that was cut off has unused space or a footer out of step at most, and QEMU opens it.
class VhdCrashTest extends CrashContract {
  @Override
  protected ImageFormat format() {
    return new VhdFormat();
  }

  @Override
  protected List<String> layouts() {
    return List.of("force_size=on,block_size=512k", "subformat=fixed,force_size=on", "");
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Oracle.named("qemu-img").run("info", "-f", "vpc", image).succeeds();
    Oracle.named("qemu-img")
        .run("convert", "-f", "vpc", "-O", "raw", image, image + ".raw")
        .succeeds();
  }
}
