package io.calco.disk.vmdk;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.VerifyReport;
import java.nio.file.Path;
import java.util.List;

/// A VMDK that was cut off has at worst a redundant table that is newer than the table.
class CrashTest extends CrashContract {
  @Override
  protected ImageFormat format() {
    return new VmdkFormat();
  }

  @Override
  protected List<String> layouts() {
    return List.of("", "zeroed_grain=on");
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Images.qemuImg().run("check", "-f", "vmdk", image).succeeds();
  }
}
