package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `calco machine adopt`, of machines whose disks qemu-img made.
@Timeout(600)
class MachineAdoptTest extends WithLibvirt {
  @TempDir private Path dir;

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  private Command.Answer at(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--connect", server().uri()));
    return home(all.toArray());
  }

  private Command.Answer home(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--home", dir.resolve("home")));
    return calco(all.toArray());
  }

  private Path overlay(String name, Path below) {
    Path disk = dir.resolve(name);
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", below, "-F", "qcow2", disk)
        .succeeds();
    return disk;
  }

  private void define(Path disk, String name) throws IOException {
    server()
        .define(
            """
            <domain type='qemu'>
              <name>%s</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
              <os><type arch='x86_64' machine='q35'>hvm</type></os>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/>
                </disk>
              </devices>
            </domain>
            """
                .formatted(name, disk));
  }

  @Test
  void aRoomOfOverlaysBecomesClonesOfATemplate() throws IOException {
    Path base = dir.resolve("debian12.qcow2");
    DemoDisk.unpack(base);
    Path one = overlay("seat1.qcow2", base);
    Path two = overlay("seat2.qcow2", Path.of("debian12.qcow2"));
    define(one, "seat1");
    define(two, "seat2");
    server().virsh("start", "seat2").succeeds();

    assertThat(at("machine", "adopt", "seat{1..2}", "--name", "s").exits(2).err())
        .contains("--name goes with one machine");
    assertThat(at("machine", "adopt", "seat{1..2}").exits(0).err())
        .contains("debian12: a template now, sealed as it was")
        .contains("seat1: linked clone of debian12 v1")
        .contains("seat2: linked clone of debian12 v1");
    assertThat(at("machine", "adopt", "seat1").exits(0).err())
        .isEqualTo("seat1: linked clone of debian12 v1\n");
    assertThat(home("clone", "list").out())
        .containsPattern("seat1 +debian12 v1 +linked .*" + one)
        .containsPattern("seat2 +debian12 v1 +linked .*" + two);
    assertThat(at("machine", "list").out())
        .containsPattern("seat1 +shut off +.*clone seat1")
        .containsPattern("seat2 +running +.*clone seat2");
    assertThat(home("tree").out()).contains("debian12 v1", "seat1", "seat2");
    assertThat(home("template", "delete", "debian12", "-y").exits(4).err())
        .contains("2 linked clones rest on it: seat1, seat2");
    assertThat(home("doctor").exits(0).out()).doesNotContain("seat");

    String key = calco("guest", "cat", base + ":/etc/ssh/ssh_host_ed25519_key.pub").exits(0).out();
    Path file = Files.writeString(dir.resolve("key.pub"), key);
    String fingerprint =
        Oracle.named("ssh-keygen").run("-l", "-f", file).succeeds().out().split(" ")[1];
    String name = calco("guest", "cat", base + ":/etc/hostname").exits(0).out().strip();
    String id = calco("guest", "cat", base + ":/etc/machine-id").exits(0).out().strip();
    assertThat(home("clone", "show", "seat1").out())
        .contains("ssh-ed25519 " + fingerprint, name, id);

    Oracle.named("qemu-io").run("-f", "qcow2", "-c", "write -P 9 0 64k", one).succeeds();
    home("clone", "reset", "seat1", "-y").exits(0);
    Oracle.named("qemu-img").run("compare", one, base).succeeds();
    server().virsh("start", "seat1").succeeds();
    assertThat(Oracle.named("qemu-img").run("info", "-U", one).out()).contains(base.toString());

    server().virsh("destroy", "seat2").succeeds();
    at("machine", "delete", "seat2", "-y").exits(0);
    assertThat(two).doesNotExist();
    server().virsh("destroy", "seat1").succeeds();
    home("clone", "delete", "seat1", "-y").exits(0);
    home("template", "delete", "debian12", "-y").exits(0);
    assertThat(base).exists();
  }

  @Test
  void aDiskThatStandsAloneIsAClonOfNoTemplate() throws IOException {
    Path disk = dir.resolve("web.qcow2");
    DemoDisk.unpack(disk);
    define(disk, "My web");
    assertThat(at("machine", "adopt", "My web").exits(2).err()).contains("My web");
    assertThat(at("machine", "adopt", "My web", "--name", "web").exits(0).err())
        .isEqualTo("web: stands alone\n");
    assertThat(home("clone", "list").out()).containsPattern("web +- +full");
    assertThat(home("tree").out()).contains("independent", "web");
    assertThat(home("clone", "reset", "web", "-y").exits(4).err()).contains("of no template");
    assertThat(home("doctor").exits(0).out()).doesNotContain("web");
    assertThat(at("machine", "adopt", "My web", "--output", "json").exits(0).out())
        .contains("\"name\": \"web\"", "\"kind\": \"full\"");
  }

  @Test
  void whatCannotBeATemplateIsSaid() throws IOException {
    Path base = dir.resolve("base.qcow2");
    DemoDisk.unpack(base);
    Path middle = overlay("middle.qcow2", base);
    Path top = overlay("top.qcow2", middle);
    define(top, "vm");
    String refusal = at("machine", "adopt", "vm").exits(4).err();
    String rebase = "disk rebase -b %s -F qcow2 %s".formatted(base, top);
    assertThat(refusal).contains("a template stands alone", rebase);
    calco(Arrays.stream(rebase.split(" ")).toArray()).exits(0);
    try (var writer = Files.newByteChannel(base, java.nio.file.StandardOpenOption.WRITE)) {
      assertThat(writer.isOpen()).isTrue();
      assertThat(at("machine", "adopt", "vm").exits(4).err()).contains("is in use");
    }
    at("machine", "adopt", "vm", "--template", "t").exits(0);

    Path snapshot = overlay("vm.snap", top);
    define(snapshot, "other");
    assertThat(at("machine", "adopt", "other").exits(4).err())
        .contains("which is a clone's disk", "calco disk commit " + snapshot);
    define(base, "model");
    assertThat(at("machine", "adopt", "model").exits(4).err())
        .contains("sealed disk of template t v1");
    assertThat(at("machine", "adopt", "nobody").exits(3).err()).contains("no machine nobody");
    assertThat(home("template", "list", "--output", "json").out()).containsOnlyOnce("\"version\"");
  }
}
