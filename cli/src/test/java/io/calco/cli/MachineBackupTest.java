package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco backup create machine:NAME`: machines that run, with libvirtd and QEMU; what is written
/// to their disks is written through their own QEMU, as the guest would.
@Timeout(900)
class MachineBackupTest extends WithLibvirt {
  private static final long MIB = 1 << 20;
  private static final long CELL = 512 << 10;

  /// What is read again before an end of nothing: the disk may have been cut there, and have grown.
  private static final long END = 2 * MIB;

  private static final String FIRST = "sata0-0-0";
  private static final String SECOND = "sata0-0-1";

  @TempDir private Path dir;
  private Path repo = Path.of("");
  private Path first = Path.of("");
  private Path second = Path.of("");

  @BeforeEach
  void makeMachine() throws IOException {
    repo = dir.resolve("repo");
    calco("repo", "init", repo).exits(0);
    first = dir.resolve("first.qcow2");
    second = dir.resolve("second.raw");
    Path content = dir.resolve("content.raw");
    fill(content, 24);
    Oracle.named("qemu-img").run("convert", "-O", "qcow2", content, first).succeeds();
    Oracle.named("qemu-img").run("resize", "-q", first, "64M").succeeds();
    fill(second, 4);
    define();
    server().virsh("start", "live-vm").succeeds();
  }

  private static void fill(Path file, int mebibytes) throws IOException {
    byte[] bytes = new byte[mebibytes << 20];
    new Random(mebibytes).nextBytes(bytes);
    Files.write(file, bytes);
  }

  private void define() throws IOException {
    server()
        .define(
            """
            <domain type='qemu'><name>live-vm</name>
            <uuid>6f2b0a3e-61a4-4d8f-9b7c-3d7e2a9f5c11</uuid><memory unit='MiB'>64</memory>
            <os><type arch='x86_64'>hvm</type></os>
            <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
            <source file='%s'/><target dev='sda' bus='sata'/></disk>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/>
            <source file='%s'/><target dev='sdb' bus='sata'/></disk>
            <disk type='file' device='cdrom'><target dev='sdc' bus='sata'/><readonly/></disk>
            </devices></domain>
            """
                .formatted(first, second));
  }

  private static String monitor(String command) {
    return server().virsh("qemu-monitor-command", "live-vm", "--hmp", command).succeeds().out();
  }

  /// QEMU says on its own output how that went.
  private static void write(String device, int pattern, long offset, long length) {
    monitor("qemu-io -d %s \"write -P %d %d %d\"".formatted(device, pattern, offset, length));
  }

  private Command.Answer create(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("backup", "create", "--repo", repo, "--connect", server().uri()));
    all.addAll(Arrays.asList(words));
    all.add("machine:live-vm");
    return calco(all.toArray());
  }

  private List<JsonNode> made(Object... words) {
    List<Object> all = new ArrayList<>(List.of("--output", "json"));
    all.addAll(Arrays.asList(words));
    String answer = create(all.toArray()).exits(0).out();
    return List.copyOf(new ObjectMapper().readTree(answer).valueStream().toList());
  }

  private static long read(JsonNode point) {
    JsonNode work = point.get("work");
    assertThat(work.get("known")).as("%s", work).isNotNull();
    return work.get("data").asLong() - work.get("known").asLong();
  }

  private static String warnings(JsonNode point) {
    return point.get("warnings").toString();
  }

  private Path restore(JsonNode point, String name) throws IOException {
    Path back = dir.resolve(name);
    Files.deleteIfExists(back);
    calco("restore", "--repo", repo, point.get("id").asString(), back).exits(0);
    return back;
  }

  /// What others read in a disk of the machine, which is held.
  private Path copy(Path disk, String format, String device) {
    monitor("qemu-io -d %s flush".formatted(device));
    Path copy = dir.resolve(disk.getFileName() + ".copy");
    Oracle.named("qemu-img").run("convert", "-U", "-f", format, "-O", "raw", disk, copy).succeeds();
    return copy;
  }

  private static List<String> checkpoints() {
    return server()
        .virsh("checkpoint-list", "--name", "live-vm")
        .out()
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  private static void assertNoJob() {
    assertThat(server().virsh("domjobinfo", "live-vm").succeeds().out()).contains("None");
  }

  private void assertNothingLeft() throws IOException {
    assertNoJob();
    try (var files = Files.list(dir)) {
      assertThat(files.map(Path::toString).filter(file -> file.contains("scratch"))).isEmpty();
    }
  }

  @Test
  void onlyWhatWasWrittenIsReadAgain() throws IOException {
    List<JsonNode> full = made();
    assertThat(full).hasSize(2);
    assertThat(full.get(0).get("work").get("known")).isNull();
    assertThat(full.get(0).get("warnings").isEmpty()).isTrue();
    assertThat(full.get(0).get("origin").get("state").asString()).isEqualTo("in-use");
    JsonNode domain = full.get(0).get("domain");
    assertThat(domain.get("xml").asString()).contains("<name>live-vm</name>", first.toString());
    assertThat(domain.get("set")).isEqualTo(full.get(1).get("domain").get("set"));
    assertThat(checkpoints()).containsExactly(domain.get("checkpoint").asString());

    write(FIRST, 7, 3 * MIB + 4096, 8192);
    write(FIRST, 8, 50 * MIB, 3 * MIB);
    write(SECOND, 9, MIB, 65536);
    server().virsh("suspend", "live-vm").succeeds();
    List<JsonNode> next = made();
    assertThat(read(next.get(0))).isEqualTo(END + CELL + 3 * MIB);
    assertThat(next.get(1).get("work").get("known")).isNull();
    assertThat(copy(first, "qcow2", FIRST)).hasSameBinaryContentAs(restore(next.get(0), "a.img"));
    assertThat(copy(second, "raw", SECOND)).hasSameBinaryContentAs(restore(next.get(1), "b.img"));
    assertThat(checkpoints())
        .containsExactly(next.get(0).get("domain").get("checkpoint").asString());

    Path mine = repo;
    Path other = dir.resolve("other");
    repo = other;
    calco("repo", "init", repo).exits(0);
    List<JsonNode> whole = made();
    repo = mine;
    assertThat(whole.get(0).get("work").get("known")).isNull();
    assertThat(checkpoints()).hasSize(2);
    calco("backup", "copy", "--repo", other, "--to", repo, whole.get(0).get("id").asString())
        .exits(0);
    assertThat(
            calco(
                    "backup",
                    "diff",
                    "--repo",
                    repo,
                    "--output",
                    "json",
                    next.get(0).get("id").asString(),
                    whole.get(0).get("id").asString())
                .out())
        .doesNotContainPattern("bytes\" ?: ?[1-9]");

    server().virsh("resume", "live-vm").succeeds();
    assertThat(read(made().get(0))).isEqualTo(END);
    assertNothingLeft();
    calco("backup", "verify", "--repo", repo).exits(0);
    assertThat(calco("backup", "list", "--repo", repo).out())
        .containsPattern("live-vm sda +64 MiB")
        .containsPattern("live-vm sdb +4 MiB");
    assertThat(calco("backup", "show", "--repo", repo, "live-vm/sdb@latest").out())
        .contains("sdb, of one instant with sda", "taken while it was in use");
    calco("backup", "forget", "--repo", repo, "--keep-last", "1", "--yes").exits(0);
    assertThat(calco("backup", "list", "--repo", repo).out())
        .containsOnlyOnce("live-vm sda")
        .containsOnlyOnce("live-vm sdb");
  }

  /// Blocks of both disks are written in turn, round after round: whatever is found is what was
  /// written up to some moment.
  @Test
  void bothDisksAreOfOneInstantWhileTheyAreWritten() throws Exception {
    AtomicBoolean end = new AtomicBoolean();
    CountDownLatch round = new CountDownLatch(8);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              for (int write = 0; !end.get(); write++) {
                String device = write % 2 == 0 ? FIRST : SECOND;
                write(device, write / 8 % 200 + 1, write / 2 % 4 * MIB, 65536);
                round.countDown();
              }
            });
    try {
      round.await();
      for (int times = 0; times < 2; times++) {
        List<JsonNode> points = made();
        List<Integer> found = new ArrayList<>();
        Path sda = restore(points.get(0), "sda.img");
        Path sdb = restore(points.get(1), "sdb.img");
        for (int block = 0; block < 4; block++) {
          found.add(at(sda, block * MIB));
          found.add(at(sdb, block * MIB));
        }
        int now = found.getFirst();
        int changed = (int) found.stream().takeWhile(value -> value == now).count();
        assertThat(found.subList(changed, found.size()))
            .as("%s", found)
            .allMatch(value -> value == (now + 198) % 200 + 1);
      }
    } finally {
      end.set(true);
      writer.join();
    }
  }

  private static int at(Path file, long offset) throws IOException {
    try (var disk = new RandomAccessFile(file.toFile(), "r")) {
      disk.seek(offset);
      return disk.read();
    }
  }

  @Test
  void aChainThatBrokeIsNoticed() throws IOException {
    made();
    write(FIRST, 1, 0, 65536);
    server().virsh("checkpoint-delete", "live-vm", checkpoints().getFirst()).succeeds();
    assertThat(create().exits(0).err())
        .contains("read in full: the machine has lost the checkpoint of the last backup");

    calco("backup", "forget", "--repo", repo, "--keep-last", "1", "--yes").exits(0);
    String list = calco("backup", "list", "--repo", repo, "--output", "json").exits(0).out();
    for (JsonNode point : new ObjectMapper().readTree(list)) {
      calco("backup", "forget", "--repo", repo, "--yes", point.get("id").asString()).exits(0);
    }
    List<JsonNode> without = made();
    assertThat(warnings(without.get(0)))
        .contains("read in full: no restore point of the machine's checkpoint is here any more");
    assertThat(checkpoints()).hasSize(1);

    server().virsh("destroy", "live-vm").succeeds();
    server().virsh("undefine", "--checkpoints-metadata", "live-vm").succeeds();
    define();
    server().virsh("start", "live-vm").succeeds();
    assertThat(warnings(made().get(0))).contains("lost the checkpoint");
    assertThat(read(made().get(0))).isEqualTo(END);
  }

  @Test
  void aBitmapThatIsNotTrueAnyMoreIsNotBelieved() throws IOException {
    made();
    write(FIRST, 1, 0, 65536);
    String pid = Files.readString(server().pidFile("live-vm")).strip();
    Oracle.named("kill").run("-9", pid).succeeds();
    while (server().virsh("domstate", "live-vm").out().startsWith("running")) {
      Thread.onSpinWait();
    }
    server().virsh("start", "live-vm").succeeds();
    List<JsonNode> full = made();
    assertThat(warnings(full.get(0))).contains("read in full", "missing or broken bitmap");
    assertThat(checkpoints()).hasSize(1);
    assertThat(read(made().get(0))).isEqualTo(END);
  }

  private static void resize(Path disk, String size) {
    server().virsh("blockresize", "live-vm", disk, size).succeeds();
  }

  /// What is restored of the first disk is what others read in it.
  private void assertWhole(JsonNode point) throws IOException {
    server().virsh("suspend", "live-vm").succeeds();
    Path held = copy(first, "qcow2", FIRST);
    Path back = restore(point, "back.img");
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "raw", held, back).succeeds();
    assertThat(back).hasSameBinaryContentAs(held);
    server().virsh("resume", "live-vm").succeeds();
  }

  @Test
  void aDiskThatGrewBetweenTwoBackupsIsReadInFull() throws IOException {
    made();
    write(FIRST, 3, 5 * MIB, 65536);
    resize(first, "100663808B"); // 96 MiB and a sector: no multiple of anything
    write(FIRST, 4, 80 * MIB, 65536);
    List<JsonNode> grown = made();
    assertThat(grown.get(0).get("disk").get("size").asLong()).isEqualTo(100_663_808);
    assertThat(warnings(grown.get(0)))
        .contains("read in full", "it has 100663808 bytes now, and had 67108864");
    assertThat(grown.get(1).get("warnings")).as("the other disk").isEmpty();
    assertWhole(grown.get(0));

    write(FIRST, 5, 96 * MIB, 512);
    List<JsonNode> next = made();
    assertThat(warnings(next.get(0))).doesNotContain("in full");
    assertThat(read(next.get(0)))
        .as("from then on only what was written, and the cell in which what it holds ends")
        .isEqualTo(512 + CELL);
    assertWhole(next.get(0));
    assertThat(checkpoints()).hasSize(1);
  }

  /// What is cut off is not there any more when the disk has its size again, and QEMU does not
  /// count it as written.
  @Test
  void aDiskThatWasCutAndGrewAgainHasLostWhatItHeld() throws IOException {
    write(FIRST, 6, 60 * MIB, 65536);
    made();
    resize(first, "33554432B");
    resize(first, "67108864B");
    List<JsonNode> next = made();
    assertWhole(next.get(0));
    write(FIRST, 7, 40 * MIB, 65536);
    resize(first, "50331648B");
    List<JsonNode> cut = made();
    assertThat(cut.get(0).get("disk").get("size").asLong()).isEqualTo(50_331_648);
    assertWhole(cut.get(0));
  }

  @Test
  void itsDisksAreReadWhenItIsOff() throws IOException {
    made();
    write(FIRST, 1, 0, 65536);
    server().virsh("destroy", "live-vm").succeeds();
    List<JsonNode> off = made();
    assertThat(off.get(0).get("origin").get("state").asString()).isEqualTo("at-rest");
    assertThat(off.get(0).get("domain").get("checkpoint")).isNull();
    assertThat(copyOff()).hasSameBinaryContentAs(restore(off.get(0), "a.img"));
    server().virsh("start", "live-vm").succeeds();
    write(FIRST, 2, MIB, 65536);
    assertThat(read(made().get(0))).isEqualTo(END + 2 * CELL);
  }

  private Path copyOff() {
    Path copy = dir.resolve("off.copy");
    Oracle.named("qemu-img").run("convert", "-O", "raw", first, copy).succeeds();
    return copy;
  }

  /// Kills a backup of all that a disk holds, which takes some seconds; false when it was quicker.
  private boolean killedAmid(String signal, int attempt) throws Exception {
    Path fresh = dir.resolve("fresh");
    byte[] bytes = new byte[Math.toIntExact(64 * MIB)];
    new Random(attempt).nextBytes(bytes);
    Files.write(fresh, bytes);
    monitor("qemu-io -d %s \"write -s %s 0 64M\"".formatted(FIRST, fresh));
    Process process =
        Command.start(
            "backup",
            "create",
            "--repo",
            repo,
            "--rate-limit",
            "8M",
            "--connect",
            server().uri(),
            "machine:live-vm");
    while (process.isAlive() && !jobGoesOn()) {
      Thread.onSpinWait();
    }
    Oracle.named("kill").run(signal, process.pid());
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() != 0 && (!signal.equals("-9") || jobGoesOn());
  }

  private static boolean jobGoesOn() {
    return !server().virsh("domjobinfo", "live-vm").out().contains("None");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-9", "-INT"})
  void whatAKilledOneLeavesStopsNobody(String signal) throws Exception {
    made();
    int attempt = 0;
    while (!killedAmid(signal, attempt)) {
      assertThat(++attempt).as("each was over before it could be killed").isLessThan(30);
    }
    if (signal.equals("-9")) {
      assertThat(checkpoints()).hasSizeGreaterThan(1);
    } else {
      assertNothingLeft();
      assertThat(checkpoints()).hasSize(1);
    }
    List<JsonNode> points = made();
    assertThat(read(points.get(0))).isEqualTo(64 * MIB);
    assertThat(checkpoints())
        .containsExactly(points.get(0).get("domain").get("checkpoint").asString());
    assertNothingLeft();
  }

  @Test
  void refusals() throws IOException {
    assertThat(create("--quiesce", "require").exits(4).err())
        .contains("its file systems cannot be held still", "--quiesce auto");
    assertNoJob();
    assertThat(checkpoints()).isEmpty();
    assertThat(create("--freeze").exits(2).err()).contains("not for machine:NAME");
    assertThat(calco("backup", "create", "--repo", repo, "--quiesce", "no", first).exits(2).err())
        .contains("go with machine:NAME");
    assertThat(
            calco("backup", "create", "--repo", repo, "--connect", server().uri(), "machine:nobody")
                .exits(3)
                .err())
        .contains("there is no machine nobody");
    Path pull = dir.resolve("pull.xml");
    Files.writeString(
        pull,
        "<domainbackup mode='pull'><server transport='unix' socket='%s'/></domainbackup>"
            .formatted(dir.resolve("pull.sock")));
    server().virsh("backup-begin", "live-vm", pull).succeeds(); // lasts until it is aborted
    assertThat(create().exits(4).err()).contains("is being backed up already");
    server().virsh("domjobabort", "live-vm").succeeds();
  }
}
