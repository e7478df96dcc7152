package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Debian on the file systems, volumes and tables that machines come with: each becomes a template,
/// and two clones of it boot as machines of their own. Minutes, on a processor that is emulated.
class GuestKindsTest {
  @TempDir private Path directory;

  @AfterEach
  void unlock() throws Exception {
    Command.unlock(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--table mbr", "--cloud-init", "--fs lvm-ext4", "--fs xfs", "--fs btrfs"})
  void clonesBootAsMachinesOfTheirOwn(String options) throws Exception {
    Oracle.named("qemu-system-x86_64");
    if (options.equals("--fs btrfs")
        && (Oracle.find("guestfish").isEmpty()
            || System.getenv("LIBGUESTFS_BACKEND_SETTINGS") == null)) {
      throw new TestAbortedException(
          "skipped: btrfs is written by libguestfs, which is not here or not told how to run");
    }
    Path guest = Shared.guest(options.split(" "));
    Path home = directory.resolve("home");
    calco(
            "template",
            "create",
            guest,
            "--name",
            "kind",
            "--operations",
            "+fs-uuids",
            "--home",
            home)
        .exits(0);
    calco("clone", "create", "kind", "one", "--home", home).exits(0);
    calco("clone", "create", "kind", "two", "--size", "5G", "--home", home).exits(0);
    calco("clone", "lint", "one", "two", "--home", home).exits(0);
    try (Machines machines = new Machines(directory)) {
      Process one = machines.start(disk("one", home), "qcow2", "off");
      Process two = machines.start(disk("two", home), "qcow2", "off");
      Map<String, String> oneSays = machines.identity(one);
      Map<String, String> twoSays = machines.identity(two);
      requirePromised("one", home, oneSays);
      requirePromised("two", home, twoSays);
      for (String what : new String[] {"hostname", "machine-id", "ssh-ed25519"}) {
        assertThat(oneSays.get(what)).as(what).isNotEqualTo(twoSays.get(what));
      }
      assertThat(oneSays.get("machine-id")).matches("[0-9a-f]{32}");
      assertThat(Long.parseLong(twoSays.get("root-bytes")))
          .isGreaterThan(Long.parseLong(oneSays.get("root-bytes")) + (900L << 20));
    }
    calco("clone", "lint", "one", "two", "--home", home).exits(0);
  }

  private static JsonNode show(String clone, Path home) {
    return new ObjectMapper()
        .readTree(calco("clone", "show", clone, "--output", "json", "--home", home).exits(0).out());
  }

  private static Path disk(String clone, Path home) {
    return Path.of(show(clone, home).get("disk").asString());
  }

  private static void requirePromised(String clone, Path home, Map<String, String> says) {
    assertThat(says).containsEntry("hostname", clone);
    for (JsonNode key : show(clone, home).get("ssh-host-keys")) {
      if (key.get("type").asString().endsWith("ed25519")) {
        assertThat(says).containsEntry("ssh-ed25519", key.get("fingerprint").asString());
      }
    }
  }
}
