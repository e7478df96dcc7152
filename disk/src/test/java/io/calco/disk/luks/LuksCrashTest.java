package io.calco.disk.luks;

import io.calco.disk.CrashContract;
import io.calco.disk.ImageFormat;
import io.calco.disk.Passphrase;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A luks image has nothing that a cut could leave half done: sectors are written in place.
class LuksCrashTest extends CrashContract {
  @Override
  protected ImageFormat format() {
    return new LuksFormat();
  }

  @Override
  protected List<String> layouts() {
    return List.of("iter-time=1,cipher-alg=aes-128,cipher-mode=cbc");
  }

  @Override
  protected Optional<Passphrase> passphrase() {
    return Optional.of(Passphrase.of("geheim".getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  protected int operations() {
    return 30;
  }

  @Override
  protected void peerAccepts(Path image, VerifyReport report) {
    Oracle.named("qemu-img").run("info", "-f", "luks", image).succeeds();
  }
}
