package io.calco.cli;

import static io.calco.cli.Command.calco;
import static io.calco.cli.Overlays.base;
import static io.calco.cli.Overlays.img;
import static io.calco.cli.Overlays.io;
import static io.calco.cli.Overlays.overlay;
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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Disks of machines that libvirt runs: what is refused, and what their QEMU does meanwhile. virsh
/// and qemu-img look at the results; what a guest would write comes by QEMU's monitor.
@Timeout(600)
class RunningDiskTest extends WithLibvirt {
  @TempDir private Path dir;

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  /// Words at the home of this test and its libvirt.
  private Command.Answer at(Object... words) {
    return calco(words(words));
  }

  private Object[] words(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--home", dir.resolve("home"), "--connect", server().uri()));
    return all.toArray();
  }

  private void run(Path disk, String name) {
    at(
            "machine",
            "define",
            disk,
            "--name",
            name,
            "--memory",
            "64M",
            "--network",
            "none",
            "--accelerator",
            "tcg")
        .exits(0);
    at("machine", "start", name).exits(0);
  }

  /// As its guest would.
  private static void guestWrites(String machine, String what) {
    String command =
        "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend \"write %s\"".formatted(what);
    server().virsh("qemu-monitor-command", "--hmp", machine, command).succeeds();
  }

  private static String layers(String machine) {
    return server().virsh("dumpxml", machine).out().replaceAll("(?s).*?(<disk.*?</disk>).*", "$1");
  }

  /// What a disk holds of a byte there.
  private static void holds(Path disk, String what) {
    Oracle.named("qemu-io").run("-r", "-f", "qcow2", "-c", "read " + what, disk).succeeds();
  }

  @Test
  void whatAMachineRunsOnIsLeftAlone() throws IOException {
    Path disk = overlay(dir, "top.qcow2", base(dir));
    run(disk, "one");
    List<List<Object>> refused =
        List.of(
            List.of("disk", "resize", disk, "+1M"),
            List.of("disk", "amend", "-o", "lazy_refcounts=on", disk),
            List.of("disk", "snapshot", "-c", "s", disk),
            List.of("disk", "bitmap", "--add", disk, "b"),
            List.of("disk", "rebase", "-u", "-b", "", disk),
            List.of("disk", "convert", "-O", "raw", disk, dir.resolve("copy.raw")),
            List.of("disk", "serve", "--writable", disk),
            List.of("guest", "cat", disk + ":/etc/hostname"),
            List.of("template", "create", disk, "--name", "t", "--home", dir.resolve("home")));
    for (List<Object> words : refused) {
      assertThat(calco(words.toArray()).exits(4).err())
          .containsPattern(
              "in use: open for writing by qemu-system-x86\\S* \\(process \\d+, machine one\\)")
          .contains("shut down machine one first");
    }
    for (List<Object> words :
        List.<List<Object>>of(
            List.of("disk", "check", disk), List.of("disk", "check", "-r", "all", disk))) {
      assertThat(calco(words.toArray()).exits(1).err()).contains("machine one)");
    }
    assertThat(calco("disk", "resize", dir.resolve("base.qcow2"), "+1M").exits(4).err())
        .contains("in use: open by qemu-system", "machine one)");
    calco("disk", "info", disk).exits(0);
    calco("disk", "check", "-U", disk).exits(0);
    calco("disk", "map", "-U", disk).exits(0);
  }

  @Test
  void aCloneIsMadeIndependentWhileItsMachineRuns() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "t", "--home", dir.resolve("home")).exits(0);
    at(
            "clone",
            "create",
            "t",
            "a1",
            "a2",
            "--define",
            "--network",
            "none",
            "--memory",
            "64M",
            "--accelerator",
            "tcg")
        .exits(0);
    Path clone = dir.resolve("home/pool/a1.qcow2");
    Path before = dir.resolve("before.raw");
    img("convert", "-O", "raw", clone, before);
    long end = Files.size(before) - (64 << 10);
    Oracle.named("qemu-io")
        .run("-f", "raw", "-c", "write -P 9 %d 64k".formatted(end), before)
        .succeeds();
    server().virsh("start", "a1").succeeds();
    guestWrites("a1", "-P 9 %d 64k".formatted(end));

    assertThat(at("clone", "flatten", "a1", "a2", "-r", "200M").exits(0).err())
        .contains("a1: independent", "a2: independent");
    assertThat(layers("a1"))
        .contains(clone.toString())
        .doesNotContain("<source file='" + dir.resolve("home/pool/t"));
    assertThat(server().virsh("domstate", "a1").out()).startsWith("running");
    assertThat(calco("clone", "list", "--home", dir.resolve("home")).out())
        .containsPattern("a1 +t v1 +full")
        .containsPattern("a2 +t v1 +full");
    at("clone", "flatten", "a1").exits(0);
    calco("template", "delete", "t", "-y", "--home", dir.resolve("home")).exits(0);
    server().virsh("destroy", "a1").succeeds();
    img("check", clone);
    img("compare", "-f", "qcow2", "-F", "raw", clone, before);
    server().virsh("start", "a1").succeeds();
  }

  @Test
  void anOverlayIsLeftOutWhileTheMachineRuns() throws IOException {
    Path base = base(dir);
    Path middle = overlay(dir, "middle.qcow2", base);
    io(middle, "write -P 2 1M 1M");
    Path top = overlay(dir, "top.qcow2", middle);
    io(top, "write -P 3 2M 1M");
    run(top, "one");

    assertThat(at("disk", "rebase", "-b", "other.qcow2", "-F", "qcow2", top).exits(7).err())
        .contains("does not rest on", "while machine one runs");
    assertThat(at("disk", "commit", middle).exits(4).err())
        .contains("machine one runs on " + top + ", which rests on it");
    at("disk", "rebase", "-b", "base.qcow2", "-F", "qcow2", top).exits(0);
    assertThat(layers("one")).contains("base.qcow2").doesNotContain("middle.qcow2");
    at("disk", "rebase", "-b", "", top).exits(0);
    assertThat(layers("one")).doesNotContain("base.qcow2");
    server().virsh("destroy", "one").succeeds();
    img("check", top);
    for (String expected : List.of("-P 1 0 1M", "-P 2 1M 1M", "-P 3 2M 1M", "-P 1 3M 13M")) {
      holds(top, expected);
    }
  }

  @Test
  void anOverlayIsCommittedWhileTheMachineRuns() throws IOException {
    Path base = base(dir);
    Path top = overlay(dir, "top.qcow2", base);
    img("resize", "-q", top, "96M");
    io(top, "write -P 3 2M 1M");
    run(top, "one");

    at("disk", "commit", "-d", top).exits(0);
    assertThat(layers("one")).contains("<source file='" + top);
    guestWrites("one", "-P 4 80M 1M");
    assertThat(at("disk", "commit", top).exits(0).err())
        .contains("machine one goes on with " + base, "was written into");
    assertThat(layers("one")).contains("<source file='" + base).doesNotContain("top.qcow2");
    assertThat(server().stored("one")).contains(base.toString()).doesNotContain("top.qcow2");
    guestWrites("one", "-P 5 90M 1M");
    Files.delete(top);
    server().virsh("destroy", "one").succeeds();
    img("check", base);
    for (String expected :
        List.of("-P 1 0 2M", "-P 3 2M 1M", "-P 1 3M 13M", "-P 4 80M 1M", "-P 5 90M 1M")) {
      holds(base, expected);
    }
    assertThat(at("disk", "commit", base).exits(7).err()).contains("has no backing image");
  }

  @Test
  void aTemplateIsNotWritten() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "t", "--home", dir.resolve("home")).exits(0);
    at(
            "clone",
            "create",
            "t",
            "a1",
            "--define",
            "--network",
            "none",
            "--memory",
            "64M",
            "--accelerator",
            "tcg")
        .exits(0);
    server().virsh("start", "a1").succeeds();
    Path clone = dir.resolve("home/pool/a1.qcow2");
    assertThat(at("disk", "commit", clone).exits(4).err())
        .contains("sealed disk of template t v1", "calco clone flatten");
    assertThat(layers("a1")).contains(clone.toString()).doesNotContain("<mirror");
  }

  @Test
  void whoeverStopsItKeepsWhatTheyHad() throws Exception {
    Path base = base(dir);
    Path top = overlay(dir, "top.qcow2", base);
    run(top, "one");
    for (List<String> words :
        List.of(List.of("rebase", "-b", ""), List.of("commit"), List.of("commit", "-d"))) {
      if (words.contains("commit")) {
        guestWrites("one", "-P 7 16M 8M");
      }
      List<Object> command = new ArrayList<>(List.of("disk"));
      command.addAll(words);
      command.addAll(List.of(top, "-r", "1M"));
      Process process = Command.listening(Map.of(), words(command.toArray()));
      while (server().virsh("blockjob", "one", "vda").out().isBlank()) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(50);
      }
      process.destroy();
      assertThat(process.waitFor()).isNotZero();
      assertThat(server().virsh("blockjob", "one", "vda").out()).isBlank();
      assertThat(layers("one")).contains("<source file='" + top, "<source file='" + base);
    }
    server().virsh("destroy", "one").succeeds();
    img("check", top);
    img("check", base);
    holds(top, "-P 1 0 16M");
    holds(top, "-P 7 16M 8M");
  }
}
