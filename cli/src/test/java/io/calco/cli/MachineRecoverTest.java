package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `calco machine recover` and `migrate-in`: machines that run before their disk is there. What a
/// guest would write comes by QEMU's monitor; qemu-img compares.
@Timeout(600)
class MachineRecoverTest extends WithLibvirt {
  private static final int DATA = 24 << 20;
  private static final int SIZE = 64 << 20;

  @TempDir private Path dir;
  private Path raw = Path.of("disk.raw");

  @BeforeEach
  void make() throws IOException {
    byte[] bytes = new byte[DATA];
    new Random(7).nextBytes(bytes);
    raw = Files.write(dir.resolve("disk.raw"), Arrays.copyOf(bytes, SIZE));
  }

  private Object[] words(Object... words) {
    List<Object> all = new ArrayList<>(List.of("machine"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--home", dir.resolve("home"), "--connect", server().uri()));
    return all.toArray();
  }

  private Object[] recover(Path disk, Object... words) {
    List<Object> all = new ArrayList<>(List.of("recover", "--name", "vm", "--disk", disk));
    all.addAll(List.of("--memory", "64M", "--network", "none", "--accelerator", "tcg"));
    all.addAll(Arrays.asList(words));
    return words(all.toArray());
  }

  /// As its guest would.
  private static void guestWrites(String what) {
    String command =
        "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend \"write %s\"".formatted(what);
    server().virsh("qemu-monitor-command", "--hmp", "vm", command).succeeds();
  }

  private static String layers() {
    return server().virsh("dumpxml", "vm").out().replaceAll("(?s).*?(<disk.*?</disk>).*", "$1");
  }

  private void holdsAll(Path disk, String written) {
    Oracle.named("qemu-io").run("-f", "raw", "-c", "write " + written, raw).succeeds();
    server().virsh("destroy", "vm").succeeds();
    Oracle.named("qemu-img").run("check", disk).succeeds();
    Oracle.named("qemu-img").run("compare", "-f", "qcow2", "-F", "raw", disk, raw).succeeds();
    assertThat(Oracle.named("qemu-img").run("info", disk).out()).doesNotContain("backing file");
  }

  @Test
  void aPointRunsBeforeItIsRestored() throws Exception {
    Path repository = dir.resolve("repository");
    calco("repo", "init", repository).exits(0);
    calco("backup", "create", "--repo", repository, "--raw", "--machine", "web1", raw).exits(0);
    Path disk = dir.resolve("vm.qcow2");
    Path remarks = dir.resolve("remarks");
    Process process =
        Command.listening(
            remarks,
            Map.of(),
            recover(disk, "--repo", repository, "--rate-limit", "1M", "web1@latest"));
    while (!server().virsh("blockjob", "vm", "vda").err().contains("Block Pull")) {
      assertThat(process.isAlive()).as(Files.readString(remarks)).isTrue();
      Thread.sleep(50);
    }
    assertThat(server().virsh("domstate", "vm").out()).startsWith("running");
    assertThat(layers()).contains("protocol='nbd'");
    String written = "-P 9 40M 64k";
    guestWrites(written);
    process.destroy();
    assertThat(process.waitFor()).isNotZero();
    assertThat(Files.readString(remarks))
        .contains("vm runs", "stopped: machine vm is switched off");
    assertThat(server().virsh("domstate", "vm").out()).startsWith("shut off");

    Object[] again = recover(disk, "--repo", repository, "web1@latest");
    assertThat(calco(again).exits(0).err()).contains("all of its disk is in " + disk);
    assertThat(server().virsh("domstate", "vm").out()).startsWith("running");
    assertThat(layers()).doesNotContain("nbd");
    assertThat(calco(words("migrate-in", "vm")).exits(0).err()).contains("vm: needs no server\n");
    assertThat(calco(again).exits(4).err()).contains("no recovery of this disk that was stopped");
    holdsAll(disk, written);
  }

  @Test
  void anImageOfAnyFormatRunsBeforeItIsConverted() throws IOException {
    Path image = dir.resolve("disk.vhdx");
    Oracle.named("qemu-img").run("convert", "-O", "vhdx", raw, image).succeeds();
    Path disk = dir.resolve("vm.qcow2");
    calco(recover(disk, image)).exits(0);
    guestWrites("-P 3 1M 64k");
    assertThat(calco(recover(dir.resolve("other.qcow2"), image)).exits(4).err())
        .contains("there is a machine vm already");
    assertThat(dir.resolve("other.qcow2")).doesNotExist();
    assertThat(server().stored("vm")).contains(disk.toString());
    holdsAll(disk, "-P 3 1M 64k");

    server().virsh("undefine", "vm").succeeds();
    assertThat(calco(recover(disk, "--like", "nobody", image)).exits(4).err())
        .contains("exists already");
    Path foreign = dir.resolve("foreign.qcow2");
    Oracle.named("qemu-img")
        .run(
            "create",
            "-q",
            "-u",
            "-f",
            "qcow2",
            "-b",
            "nbd://192.0.2.1/",
            "-F",
            "raw",
            foreign,
            SIZE)
        .succeeds();
    assertThat(calco(recover(foreign, image)).exits(4).err()).contains("another server's disk");
    assertThat(calco(recover(dir.resolve("new.qcow2"), "--like", "nobody", image)).exits(3).err())
        .contains("no machine nobody");
    assertThat(dir.resolve("new.qcow2")).doesNotExist();
  }

  @Test
  void aMachineOnAServerMovesIn() throws Exception {
    Path socket = dir.resolve("nbd.sock");
    Process serving =
        Command.listening(
            Map.of(), "disk", "serve", "--listen", "unix:" + socket, "-f", "raw", raw);
    try {
      assertThat(serving.inputReader().readLine()).contains("nbd+unix");
      Path disk = dir.resolve("vm.qcow2");
      Oracle.named("qemu-img")
          .run(
              "create",
              "-q",
              "-f",
              "qcow2",
              "-b",
              "nbd+unix:///?socket=" + socket,
              "-F",
              "raw",
              disk)
          .succeeds();
      server()
          .define(
              """
              <domain type='qemu'>
                <name>vm</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
                <os><type arch='x86_64' machine='q35'>hvm</type></os>
                <devices>
                  <disk type='file' device='disk'>
                    <driver name='qemu' type='qcow2'/><source file='%s'/>
                    <target dev='vda' bus='virtio'/>
                  </disk>
                </devices>
              </domain>
              """
                  .formatted(disk));
      assertThat(calco(words("migrate-in", "vm")).exits(4).err()).contains("vm is off");
      server().virsh("start", "vm").succeeds();
      assertThat(layers()).contains("protocol='nbd'");
      assertThat(calco(words("migrate-in", "vm")).exits(0).err())
          .contains("vm: needs no server any more (vda)");
      serving.destroyForcibly().waitFor();
      guestWrites("-P 5 30M 64k");
      holdsAll(disk, "-P 5 30M 64k");
    } finally {
      serving.destroyForcibly();
    }
  }
}
