package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `clone create --ip`: each clone has the address that is its own.
class CloneNetworkTest {
  @TempDir private Path dir;

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  @Test
  void eachCloneHasItsOwnAddress() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    Path ifup = Files.writeString(dir.resolve("ifup"), "#!/bin/sh\n");
    Path interfaces = Files.writeString(dir.resolve("interfaces"), "iface ens3 inet dhcp\n");
    calco("guest", "copy-in", ifup, disk + ":/usr/sbin/ifup").exits(0);
    calco("guest", "copy-in", interfaces, disk + ":/etc/network/interfaces").exits(0);
    Path home = dir.resolve("home");
    calco("template", "create", disk, "--name", "t", "--home", home).exits(0);

    create(home, "a{1..2}", "ens3=192.0.2.{11..12}/24,gw=192.0.2.1").exits(0);

    for (int i = 1; i <= 2; i++) {
      assertThat(
              calco("guest", "cat", home.resolve("pool/a" + i + ".qcow2:/etc/network/interfaces"))
                  .exits(0)
                  .out())
          .contains("address 192.0.2.1" + i + "\n", "netmask 255.255.255.0\n")
          .doesNotContain("dhcp");
    }
    assertThat(create(home, "b1", "ens3=192.0.2.{11..12}/24").exits(2).err())
        .contains("2 values for 1 machines");
    assertThat(create(home, "b1", "ens3=192.0.2.300/24").exits(2).err()).contains("192.0.2.300");
    assertThat(create(home, "b1", "52:54:00:00:00:01=dhcp").exits(4).err()).contains("names only");
    assertThat(calco("clone", "list", "--home", home).out()).doesNotContain("b1");
  }

  private static Command.Answer create(Path home, String names, String ip) {
    return calco("clone", "create", "t", names, "--ip", ip, "--home", home);
  }
}
