package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.engine.OperationException;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `calco class`, and what clones and their machines go through together: virsh and qemu-img see
/// each step.
@Timeout(600)
class ClassCommandTest extends WithLibvirt {
  private static final String CLASS = "2-ASIR";

  @TempDir private Path dir;
  private Path pool;

  @BeforeEach
  void seal() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "t", "--home", home()).exits(0);
    pool = home().resolve("pool");
  }

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  private Path home() {
    return dir.resolve("home");
  }

  private static List<String> running() {
    return server()
        .virsh("list", "--name")
        .out()
        .lines()
        .filter(n -> !n.isBlank())
        .sorted()
        .toList();
  }

  private Command.Answer at(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--home", home(), "--connect", server().uri()));
    return calco(all.toArray());
  }

  private void make(int seats, Object... more) {
    List<Object> words = new ArrayList<>(List.of("class", "create", CLASS, "--template", "t"));
    words.addAll(List.of("--seats", seats, "--define", "--memory", "64M"));
    words.addAll(List.of("--network", "user", "--accelerator", "tcg"));
    words.addAll(List.of(more));
    at(words.toArray()).exits(0);
  }

  private Path disk(int seat) {
    return pool.resolve("2-asir-%02d.qcow2".formatted(seat));
  }

  private Path raw(Path disk, String name) {
    Path raw = dir.resolve(name + ".raw");
    Oracle.named("qemu-img").run("convert", "-O", "raw", disk, raw).succeeds();
    return raw;
  }

  private static void write(Path disk) {
    Oracle.named("qemu-io").run("-c", "write -P 0x5a 20M 5M", disk).succeeds();
  }

  /// As a running machine's guest does.
  private static void writeFromWithin(String machine) {
    for (String deed : List.of("\"write -P 0xa5 30M 1M\"", "flush")) {
      server()
          .virsh(
              "qemu-monitor-command",
              "--hmp",
              machine,
              "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend " + deed)
          .succeeds();
    }
  }

  /// What [#writeFromWithin] wrote.
  private static boolean wasWritten(Path image) {
    String said = Oracle.named("qemu-io").run("-rU", "-c", "read -P 0xa5 30M 1M", image).out();
    assertThat(said).contains("read 1048576/1048576");
    return !said.contains("Pattern verification failed");
  }

  private static void same(Path one, Path other) {
    Oracle.named("qemu-img").run("compare", "-U", one, other).succeeds();
  }

  private static void differ(Path one, Path other) {
    assertThat(Oracle.named("qemu-img").run("compare", "-U", one, other).exit()).isEqualTo(1);
  }

  @Test
  void aTemplateGoesWithItsClonesAndTheirMachines() throws IOException {
    make(2);
    at("machine", "start", "2-asir-02").exits(0);
    assertThat(at("template", "delete", "t", "--cascade", "-y").exits(4).err())
        .contains("machine 2-asir-02, which has the disk of clone 2-asir-02, is running")
        .contains("stop it first: calco machine stop 2-asir-02");
    assertThat(at("template", "delete", "t", "--cascade", "--dry-run").exits(4).err())
        .contains("is running");
    assertThat(machines()).hasSize(2);
    assertThat(disk(1)).exists();
    at("machine", "stop", "2-asir-02", "--force").exits(0);

    assertThat(at("template", "delete", "t", "--cascade", "--dry-run").exits(0).err())
        .contains("would be deleted: 2-asir-01", "would be deleted: machine 2-asir-02");
    assertThat(at("template", "delete", "t", "--cascade").exits(4).err())
        .contains("and DELETE its clones 2-asir-01, 2-asir-02, and 2 machines?");
    assertThat(machines()).hasSize(2);
    assertThat(at("template", "delete", "t", "--cascade", "-y").exits(0).err())
        .contains("deleted: machine 2-asir-01", "deleted: machine 2-asir-02");
    assertThat(machines()).isEmpty();
    assertThat(disk(1)).doesNotExist();
    calco("template", "show", "t", "--home", home()).exits(3);
  }

  @Test
  void theMachinesStayWhereTheyAreToldTo() throws IOException {
    make(1);
    at("template", "delete", "t", "--cascade", "--keep-machine", "-y").exits(0);
    assertThat(machines()).containsExactly("2-asir-01");
    assertThat(disk(1)).doesNotExist();
  }

  @Test
  void aClassIsMadeStartedResetAndDeleted() throws IOException {
    make(3, "--pace", "1");
    assertThat(machines()).containsExactlyInAnyOrder("2-asir-01", "2-asir-02", "2-asir-03");
    assertThat(at("class", "create", CLASS, "--template", "t", "--seats", "1").exits(4).err())
        .contains("there is a class 2-ASIR already");
    assertThat(at("class", "create", "x", "--template", "t", "--seats", "0").exits(2).err())
        .contains("1 to 1000");
    assertThat(at("class", "list").exits(0).out()).containsPattern("2-ASIR +t v1 +3 +0 +0 +0 +\\d");
    Path first = raw(disk(1), "first");
    Path second = raw(disk(2), "second");
    differ(first, second);

    long begun = System.nanoTime();
    assertThat(at("class", "start", CLASS).exits(0).out())
        .containsPattern("seats: +3, 3 running, 0 frozen")
        .containsPattern("2 +2-asir-02 +running +no");
    assertThat(System.nanoTime() - begun).isGreaterThan(2_000_000_000L); // two pauses
    assertThat(running()).hasSize(3);
    at("class", "start", CLASS).exits(0);
    assertThat(at("class", "reset", CLASS, "-y").exits(4).err())
        .contains("machines run: 2-asir-01, 2-asir-02, 2-asir-03", "--stop");
    assertThat(at("clone", "reset", "2-asir-*", "-y").exits(4).err()).contains("machines run");
    assertThat(at("class", "delete", CLASS, "-y").exits(4).err()).contains("is running");
    assertThat(at("clone", "delete", "2-asir-01", "-y").exits(4).err()).contains("is running");
    at("class", "stop", CLASS).exits(0);
    at("class", "stop", CLASS, "--force").exits(0);
    assertThat(running()).isEmpty();

    String uuid = server().virsh("domuuid", "2-asir-01").out();
    write(disk(1));
    write(disk(2));
    at("machine", "start", "2-asir-01").exits(0);
    assertThat(at("clone", "reset", "2-asir-*", "--stop", "--dry-run").exits(0).err())
        .contains("would be reset: 2-asir-01, its machine stopped and started again\n")
        .contains("would be reset: 2-asir-03\n");
    differ(second, disk(2));
    assertThat(at("class", "reset", CLASS, "--stop").exits(4).err()).contains("--yes");
    at("class", "reset", CLASS, "--stop", "-y").exits(0);
    assertThat(running()).containsExactly("2-asir-01");
    assertThat(server().virsh("domuuid", "2-asir-01").out()).isEqualTo(uuid);
    same(first, disk(1));
    same(second, disk(2));

    at("class", "stop", CLASS, "--force").exits(0);
    assertThat(at("class", "delete", CLASS, "--dry-run").exits(0).err())
        .contains("would be deleted: machine 2-asir-03", "would be deleted: class 2-ASIR");
    at("class", "delete", CLASS, "-y").exits(0);
    assertThat(machines()).isEmpty();
    assertThat(disk(1)).doesNotExist();
    assertThat(at("class", "show", CLASS).exits(3).err()).contains("there is no class 2-ASIR");
    assertThat(calco("doctor", "--home", home()).exits(0).out()).contains("all is well");
  }

  @Test
  void whatBelongsToAnOldDiskGoesWithItOrKeepsIt() throws IOException {
    make(2);
    at("class", "start", CLASS).exits(0);
    server().virsh("managedsave", "2-asir-01").succeeds();
    at("class", "stop", CLASS, "--force").exits(0);
    assertThat(at("class", "freeze", CLASS).exits(4).err()).contains("saved memory");
    at("clone", "reset", "2-asir-01", "-y").exits(0);
    assertThat(server().virsh("dominfo", "2-asir-01").out()).containsPattern("Managed save: +no");

    server().virsh("snapshot-create-as", "2-asir-02", "s1").succeeds();
    write(disk(1));
    Path written = raw(disk(1), "written");
    assertThat(at("class", "reset", CLASS, "-y").exits(4).err()).contains("1 snapshots");
    same(written, disk(1));
    server().virsh("snapshot-delete", "2-asir-02", "s1").succeeds();
    at("class", "reset", CLASS, "-y").exits(0);
    differ(written, disk(1));
  }

  @Test
  void aFrozenMachineForgets() throws IOException {
    make(2);
    write(disk(1)); // what a teacher installed
    Path taught = raw(disk(1), "taught");
    at("class", "start", CLASS).exits(0);
    assertThat(at("class", "freeze", CLASS).exits(4).err()).contains("not off: 2-asir-01");
    at("class", "stop", CLASS, "--force").exits(0);
    assertThat(at("class", "freeze", CLASS).exits(0).out()).contains("0 running, 2 frozen");
    assertThat(server().stored("2-asir-01")).containsOnlyOnce("<transient/>");

    server().virsh("start", "2-asir-01").succeeds(); // whoever starts it
    writeFromWithin("2-asir-01");
    Path left = pool.resolve("2-asir-01.qcow2.TRANSIENT-2-asir-01");
    assertThat(wasWritten(left)).isTrue();
    same(taught, disk(1));
    assertThat(at("machine", "list").out())
        .containsPattern("2-asir-01 +running .* clone 2-asir-01 ");
    assertThat(at("class", "show", CLASS, "--output", "json").out())
        .contains("\"state\": \"running\"", "\"frozen\": true");
    assertThat(calco("doctor", "--home", home(), "--connect", server().uri()).exits(0).out())
        .contains("all is well");
    assertThat(at("clone", "reset", "2-asir-01", "-y").exits(4).err()).contains("a machine runs");
    server().virsh("destroy", "2-asir-01").succeeds();
    same(taught, disk(1));

    assertThat(left).doesNotExist();

    Files.createFile(left); // as a power failure leaves it
    assertThat(server().virsh("start", "2-asir-01").exit()).isNotZero();
    assertThat(calco("doctor", "--home", home(), "--connect", server().uri()).exits(1).out())
        .contains("2-asir-01", left.toString(), "calco machine start 2-asir-01");
    at("class", "start", CLASS).exits(0);
    at("class", "stop", CLASS, "--force").exits(0);
    assertThat(left).doesNotExist();

    at("class", "thaw", CLASS).exits(0);
    server().virsh("start", "2-asir-01").succeeds();
    writeFromWithin("2-asir-01");
    server().virsh("destroy", "2-asir-01").succeeds();
    assertThat(wasWritten(disk(1))).isTrue();
  }

  @Test
  void deltasAreCollectedAndComeBack() throws IOException {
    make(2);
    write(disk(2));
    Path worked = raw(disk(2), "worked");
    Path collected = dir.resolve("collected/monday");
    at("machine", "start", "2-asir-01").exits(0);
    assertThat(at("class", "collect", CLASS, collected).exits(4).err()).contains("is in use");
    assertThat(collected).doesNotExist();
    at("machine", "stop", "2-asir-01", "--force").exits(0);
    assertThat(at("class", "collect", CLASS, collected).exits(0).err())
        .contains(collected.resolve("2-asir-01.qcow2").toString());
    Path delta = collected.resolve("2-asir-02.qcow2");
    Oracle.named("qemu-img").run("check", delta).succeeds();
    same(worked, delta);
    assertThat(Oracle.named("qemu-img").run("info", delta).out())
        .contains("backing file: " + pool.resolve("t.v1.qcow2"));
    assertThat(Files.size(delta)).isLessThan(20L << 20);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(delta)))
        .isEqualTo("rw-------");
    assertThat(
            calco("clone", "export-delta", "2-asir-02", collected, "--home", home()).exits(4).err())
        .contains("exists already");

    at("class", "reset", CLASS, "-y").exits(0);
    differ(worked, disk(2));
    at("machine", "start", "2-asir-02").exits(0);
    assertThat(at("clone", "import-delta", "2-asir-02", delta, "-y").exits(4).err())
        .contains("a machine runs: 2-asir-02");
    server().virsh("managedsave", "2-asir-02").succeeds();
    at("clone", "import-delta", "2-asir-02", delta, "-y").exits(0);
    assertThat(server().virsh("dominfo", "2-asir-02").out()).containsPattern("Managed save: +no");
    same(worked, disk(2));
    Oracle.named("qemu-img").run("check", disk(2)).succeeds();
    assertThat(Oracle.named("qemu-img").run("info", disk(2)).out())
        .contains("backing file: t.v1.qcow2 ");
    calco("doctor", "--home", home()).exits(0);

    Path foreign = dir.resolve("foreign.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", dir.resolve("vm.qcow2"), "-F", "qcow2", foreign)
        .succeeds();
    assertThat(
            calco("clone", "import-delta", "2-asir-02", foreign, "-y", "--home", home())
                .exits(4)
                .err())
        .contains("rests on " + dir.resolve("vm.qcow2"), "disk rebase -u");
    same(worked, disk(2));
  }

  @Test
  void aDiskOverItsQuotaIsNotStarted() {
    make(2, "--quota", "4M");
    at("class", "start", CLASS).exits(0);
    at("class", "stop", CLASS, "--force").exits(0);
    write(disk(2));
    assertThat(at("class", "show", CLASS).exits(0).out())
        .containsPattern("2 +2-asir-02 .*, over quota");
    assertThat(at("class", "start", CLASS).exits(ExitCode.of(OperationException.Kind.LIMIT)).err())
        .contains("2-asir-02: over the quota of class 2-ASIR");
    assertThat(running()).isEmpty();
    assertThat(calco("doctor", "--home", home()).exits(1).out())
        .contains("clone 2-asir-02", "quota of 4194304 bytes", "class 2-ASIR");
    assertThat(at("class", "set", CLASS, "--quota", "0").exits(2).err()).contains("or none");
    at("class", "set", CLASS, "--quota", "none", "--pace", "0").exits(0);
    at("class", "start", CLASS).exits(0);
    assertThat(running()).hasSize(2);
  }

  @Test
  void seatsComeAndGo() throws IOException {
    make(2);
    server().virsh("pool-create-as", "pool", "dir", "--target", pool).succeeds();
    at("class", "freeze", CLASS).exits(0);
    assertThat(at("class", "resize", CLASS, 4, "--dry-run").exits(0).err())
        .isEqualTo("would be made: 2-asir-03\nwould be made: 2-asir-04\n");
    at("class", "resize", CLASS, 4).exits(0);
    assertThat(machines()).hasSize(4);
    assertThat(server().stored("2-asir-04"))
        .contains("<memory unit='KiB'>65536<", disk(4).toString(), "<transient/>");
    at("clone", "delete", "2-asir-02", "-y").exits(0);
    assertThat(machines()).hasSize(3).doesNotContain("2-asir-02");
    at("class", "resize", CLASS, 3, "-y").exits(0);
    assertThat(machines()).containsExactlyInAnyOrder("2-asir-01", "2-asir-02", "2-asir-03");
    assertThat(disk(4)).doesNotExist();
    assertThat(server().virsh("vol-list", "pool").out())
        .contains("2-asir-02.qcow2")
        .doesNotContain("2-asir-04.qcow2");

    Path more = dir.resolve("more.qcow2");
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", more, "16M").succeeds();
    server()
        .virsh(
            "attach-disk",
            "2-asir-03",
            more,
            "vdb",
            "--config",
            "--driver",
            "qemu",
            "--subdriver",
            "qcow2")
        .succeeds();
    assertThat(at("clone", "delete", "2-asir-03", "-y").exits(4).err())
        .contains("has other disks", "--keep-machine");
    assertThat(at("clone", "delete", "2-asir-03", "-y", "--keep-machine").exits(0).err())
        .isEqualTo("2-asir-03: deleted\n");
    assertThat(machines()).contains("2-asir-03");
    assertThat(disk(3)).doesNotExist();
    assertThat(calco("doctor", "--home", home(), "--connect", server().uri()).exits(1).out())
        .contains("machine 2-asir-03: its disk is missing: " + disk(3));
  }

  @Test
  void theDoctorSeesWhatWasDoneBehindOurBack() throws IOException {
    make(2);
    server().virsh("pool-create-as", "pool", "dir", "--target", pool).succeeds();
    assertThat(doctor(0)).contains("2 machines and 2 clones: all is well");
    calco("clone", "create", "t", "later", "--home", home()).exits(0);
    assertThat(doctor(1))
        .contains("pool pool: it does not list what is there: later.qcow2")
        .contains("virsh pool-refresh pool");
    server().virsh("pool-refresh", "pool").succeeds();
    calco("clone", "delete", "later", "-y", "--keep-machine", "--home", home()).exits(0);
    assertThat(doctor(1)).contains("pool pool: it lists what is gone: later.qcow2");
    server().virsh("pool-refresh", "pool").succeeds();
    assertThat(doctor(0)).contains("all is well");

    Path base = dir.resolve("base.qcow2");
    Path top = dir.resolve("top.qcow2");
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", base, "16M").succeeds();
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top)
        .succeeds();
    at("machine", "define", top, "--name", "other", "--network", "none", "--memory", "64M")
        .exits(0);
    assertThat(doctor(0)).contains("3 machines");
    Files.delete(base);
    assertThat(doctor(1))
        .contains("machine other: its disk " + top + " rests on " + base + ", which is missing");
    Files.delete(top);
    assertThat(doctor(1)).contains("machine other: its disk is missing: " + top);
    server().virsh("undefine", "other").succeeds();

    Command.unlock(pool);
    server().virsh("vol-delete", "t.v1.qcow2", "--pool", "pool").succeeds();
    assertThat(doctor(1)).contains("template t, version 1:", "suffers: 2-asir-01, 2-asir-02");
    assertThat(
            at("class", "reset", CLASS, "-y")
                .exits(ExitCode.of(OperationException.Kind.CORRUPT))
                .err())
        .contains("template t, version 1");
  }

  private String doctor(int exit) {
    return at("doctor").exits(exit).out();
  }

  @Test
  void aLibvirtThatHangsHangsNobody() throws IOException {
    Path deaf = dir.resolve("deaf");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(deaf));
      String uri = "qemu+unix:///system?socket=" + deaf;
      assertThat(calco("doctor", "--home", home(), "--connect", uri).exits(1).out())
          .contains("libvirt: ", "does not answer", "after 10 s");
    }
  }

  @Test
  void aClassNeedsNoLibvirt() {
    calco(
            "class",
            "create",
            CLASS,
            "--template",
            "t",
            "--seats",
            "2",
            "--name",
            "pc-",
            "--home",
            home())
        .exits(0);
    assertThat(calco("clone", "list", "--names", "--home", home()).out())
        .isEqualTo("pc-01\npc-02\n");
    calco("class", "resize", CLASS, "1", "-y", "--home", home()).exits(0);
    assertThat(calco("class", "show", CLASS, "--home", home()).exits(0).out())
        .containsPattern("1 +pc-01 +no machine +no +\\d")
        .doesNotContain("pc-02");
    assertThat(at("class", "start", CLASS).exits(4).err()).contains("has no machines");
    assertThat(calco("clone", "reset", "aula-*", "-y", "--home", home()).exits(3).err())
        .contains("there is none named as aula-*");
    calco("template", "delete", "t", "--cascade", "-y", "--home", home()).exits(0);
    assertThat(calco("class", "list", "--home", home()).out())
        .containsPattern("2-ASIR +deleted +0");
    assertThat(calco("class", "resize", CLASS, "2", "--home", home()).exits(4).err())
        .contains("its template is deleted");
  }
}
