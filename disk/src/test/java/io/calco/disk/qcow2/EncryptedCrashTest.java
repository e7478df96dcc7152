package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.Passphrase;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An encrypted image that was cut off leaks clusters at most.
class EncryptedCrashTest extends CrashContract {
  private static final String SECRET = "geheim";

  @Override
  protected ImageFormat format() {
    return new Qcow2Format();
  }

  /// The key of 16 bytes makes the smallest LUKS header.
  @Override
  protected List<String> layouts() {
    return List.of(
        "cluster_size=16384,encrypt.format=luks,encrypt.iter-time=1,encrypt.cipher-alg=aes-128,"
            + "encrypt.cipher-mode=cbc");
  }

  @Override
  protected Optional<Passphrase> passphrase() {
    return Optional.of(Passphrase.of(SECRET.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  protected int operations() {
    return 30;
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Oracle.Run check =
        Qemu.img()
            .run(
                "check",
                "--output",
                "json",
                "--object",
                "secret,id=s,data=" + SECRET,
                "--image-opts",
                "driver=qcow2,encrypt.key-secret=s,file.filename=" + image)
            .exits(0, 3);
    assertThat(Qemu.number(check.out(), "corruptions")).isZero();
    assertThat(Qemu.number(check.out(), "leaks")).isEqualTo(report.leaks());
  }
}
