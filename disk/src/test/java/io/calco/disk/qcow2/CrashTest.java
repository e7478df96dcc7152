package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.file.Path;
import java.util.List;

/// A qcow2 image that was cut off leaks clusters at most.
class CrashTest extends CrashContract {
  @Override
  protected ImageFormat format() {
    return new Qcow2Format();
  }

  @Override
  protected List<String> layouts() {
    return List.of(
        "cluster_size=4096",
        "cluster_size=512,refcount_bits=64",
        "cluster_size=1024,refcount_bits=1,compat=1.1",
        "cluster_size=2048,compat=0.10",
        "cluster_size=16384,extended_l2=on");
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Oracle.Run check = Qemu.img().run("check", "--output", "json", image).exits(0, 3);
    assertThat(Qemu.number(check.out(), "corruptions")).isZero();
    assertThat(Qemu.number(check.out(), "leaks")).isEqualTo(report.leaks());
  }
}
