package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `clone create --seed-iso`: cloud-init in a real Debian takes from the disc alone who it is. A
/// minute or two, on a processor that is emulated.
class SeedBootTest {
  @TempDir private Path directory;

  @AfterEach
  void unlock() {
    Command.unlock(directory);
  }

  /// What boots is not the clone's disk, which holds it all already, but an empty overlay on the
  /// template: all that it becomes is the disc's doing.
  @Test
  void theDiscAloneMakesTheMachine() throws Exception {
    Oracle.named("qemu-system-x86_64");
    Path home = directory.resolve("home");
    Path guest = Shared.guest("--cloud-init");
    calco("template", "create", guest, "--name", "debian12", "--home", home).exits(0);
    create(home).exits(0);
    Path template = Path.of(show("template", "debian12", home).get("disk").asString());
    Path blank = directory.resolve("blank.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-F", "raw", "-b", template, blank)
        .succeeds();
    String interfaces = "auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n";
    Path file = Files.writeString(directory.resolve("interfaces"), interfaces);
    calco("guest", "copy-in", file, blank + ":/etc/network/interfaces").exits(0);
    JsonNode web1 = show("clone", "web1", home);

    try (Machines machines = new Machines(directory)) {
      Process machine = machines.start(blank, "qcow2", "on", "-cdrom", web1.get("seed").asString());
      Map<String, String> says = machines.identity(machine);

      assertThat(says).containsEntry("hostname", "web1");
      assertThat(says.get("ssh-ed25519")).startsWith("SHA256:");
      assertThat(machines.console(machine))
          .contains("Datasource DataSourceNoCloud [seed=/dev/sr0]")
          .containsPattern("ci-info: .* ens3 .* 192\\.0\\.2\\.11 ")
          .containsPattern("ci-info: .* ens3 .* 2001:db8::11/64 ")
          .containsPattern("ci-info: .* 0\\.0\\.0\\.0 +\\| +192\\.0\\.2\\.1 ")
          .containsPattern("ci-info: .* ::/0 +\\| +2001:db8::1 ")
          .contains("Authorized keys from /home/eva/.ssh/authorized_keys for user eva");
    }
  }

  private Command.Answer create(Path home) throws IOException {
    Path key = directory.resolve("key");
    Oracle.named("ssh-keygen")
        .run("-q", "-t", "ed25519", "-N", "", "-C", "eva@lab", "-f", key)
        .succeeds();
    String ip = "ens3=192.0.2.11/24,2001:db8::11/64,gw=192.0.2.1,gw=2001:db8::1,dns=192.0.2.53";
    return calco(
        "clone",
        "create",
        "debian12",
        "web1",
        "--seed-iso",
        "nocloud",
        "--user",
        "eva",
        "--authorized-key",
        key + ".pub",
        "--ip",
        ip,
        "--home",
        home);
  }

  private static JsonNode show(String what, String name, Path home) {
    return new ObjectMapper()
        .readTree(calco(what, "show", name, "--output", "json", "--home", home).exits(0).out());
  }
}
