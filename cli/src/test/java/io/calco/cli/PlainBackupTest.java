package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.ProcessLock;
import io.calco.machine.PlainBackup;
import io.calco.machine.PlainMachines;
import io.calco.sys.ProcessMark;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// `backup create machine:NAME` of machines that QEMU alone runs. qemu-img tells what must be in
/// the points.
@Timeout(600)
class PlainBackupTest extends WithPlainMachines {
  private static final long MIB = 1 << 20;
  private static final long CELL = 512 << 10;

  /// What is read again before an end of nothing: the disk may have been cut there, and have grown.
  private static final long END = 2 * MIB;

  private Path disk = Path.of("");
  private Path repo = Path.of("");

  @BeforeEach
  void make() throws IOException {
    repo = dir.resolve("repo");
    calco("repo", "init", repo).exits(0);
    byte[] bytes = new byte[24 << 20];
    new Random(24).nextBytes(bytes);
    Path content = Files.write(dir.resolve("content.raw"), bytes);
    disk = dir.resolve("disk.qcow2");
    Oracle.named("qemu-img").run("convert", "-O", "qcow2", content, disk).succeeds();
    Oracle.named("qemu-img").run("resize", "-q", disk, "64M").succeeds();
    run(disk, "vm");
  }

  private Object[] create(Object... more) {
    List<Object> all = new ArrayList<>(List.of("backup", "create", "--repo", repo));
    all.addAll(Arrays.asList(more));
    all.add("machine:vm");
    return words(all.toArray());
  }

  private JsonNode made() {
    return MAPPER.readTree(calco(create("--output", "json")).exits(0).out()).get(0);
  }

  private static long read(JsonNode point) {
    JsonNode work = point.get("work");
    assertThat(work.get("known")).as("%s", work).isNotNull();
    return work.get("data").asLong() - work.get("known").asLong();
  }

  private static String checkpoint(JsonNode point) {
    return point.get("domain").get("checkpoint").asString();
  }

  /// Of the disk, which is held.
  private Path copy() throws IOException {
    ask("vm", "human-monitor-command", Map.of("command-line", "qemu-io disk flush"));
    Path copy = dir.resolve("copy.raw");
    Oracle.named("qemu-img").run("convert", "-U", "-O", "raw", disk, copy).succeeds();
    return copy;
  }

  private void assertHolds(JsonNode point) throws IOException {
    Path back = dir.resolve("back.img");
    Files.deleteIfExists(back);
    calco("restore", "--repo", repo, point.get("id").asString(), back).exits(0);
    assertThat(back).hasSameBinaryContentAs(copy());
  }

  private List<String> bitmaps() throws IOException {
    for (JsonNode device : ask("vm", "query-block", Map.of())) {
      if (device.get("device").asString().equals("disk")) {
        return device
            .get("inserted")
            .path("dirty-bitmaps")
            .valueStream()
            .map(bitmap -> bitmap.get("name").asString())
            .toList();
      }
    }
    return List.of();
  }

  private void assertNothingLeft() throws IOException {
    assertThat(ask("vm", "query-block-jobs", Map.of())).isEmpty();
    assertThat(ask("vm", "query-block-exports", Map.of())).isEmpty();
    assertThat(ask("vm", "query-named-block-nodes", Map.of("flat", true)).toString())
        .doesNotContain("scratch");
    assertThat(home().resolve("machines/vm/backup.sock")).doesNotExist();
    try (var files = Files.list(dir)) {
      assertThat(files.map(Path::toString)).noneMatch(file -> file.contains("scratch"));
    }
  }

  @Test
  void onlyWhatWasWrittenIsReadAgain() throws IOException {
    JsonNode full = made();
    assertThat(full.get("work").get("known")).isNull();
    assertThat(full.get("warnings").isEmpty()).isTrue();
    assertThat(full.get("origin").get("state").asString()).isEqualTo("in-use");
    assertThat(full.get("origin").get("source").asString()).isEqualTo("machine:vm/vda");
    assertThat(bitmaps()).containsExactly(checkpoint(full));
    assertHolds(full);
    assertNothingLeft();

    guestWrites("vm", "-P 7 %d 8192".formatted(3 * MIB + 4096));
    guestWrites("vm", "-P 8 %d %d".formatted(50 * MIB, 3 * MIB));
    JsonNode next = made();
    assertThat(read(next)).isEqualTo(END + CELL + 3 * MIB);
    assertHolds(next);
    assertThat(bitmaps()).containsExactly(checkpoint(next));

    stop("vm");
    Oracle.named("qemu-img").run("check", disk).succeeds();
    at("machine", "start", "vm").exits(0);
    guestWrites("vm", "-P 9 1M 64k");
    JsonNode after = made();
    assertThat(read(after)).as("QEMU keeps the bitmap with the disk").isEqualTo(END + CELL);
    assertHolds(after);
    assertNothingLeft();
  }

  @Test
  void theDiskIsReadAsItWas() throws IOException {
    PlainMachines machines = new PlainMachines(home().resolve("machines"));
    Path before = Files.move(copy(), dir.resolve("before.raw"));
    PlainBackup backup = new PlainBackup(machines, machines.find("vm").orElseThrow());
    Path scratch = dir.resolve("some.scratch");
    backup.begin(scratch, Optional.empty(), Optional.empty());
    assertThat(scratch).doesNotExist();
    guestWrites("vm", "-P 9 1M 4M");
    guestWrites("vm", "-P 9 40M 4M");
    String served = "nbd+unix:///vda?socket=" + machines.backupSocket("vm");
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "raw", served, before).succeeds();
    backup.end();
    assertNothingLeft();
    backup.end();
    assertThat(copy()).isNotEqualTo(before);
    stop("vm");
    Oracle.named("qemu-img").run("check", disk).succeeds();
    Oracle.named("qemu-io").run("-c", "read -P 9 1M 4M", disk).succeeds();
  }

  @Test
  void aChainThatBrokeIsNoticed() throws Exception {
    JsonNode full = made();
    ask("vm", "block-dirty-bitmap-remove", Map.of("node", "disk", "name", checkpoint(full)));
    guestWrites("vm", "-P 7 1M 1M");
    JsonNode lost = made();
    assertThat(lost.get("work").get("known")).isNull();
    assertThat(lost.get("warnings").toString()).contains("lost the checkpoint");
    assertHolds(lost);

    stop("vm"); // it is with the disk then
    at("machine", "start", "vm").exits(0);
    ProcessMark mark =
        ProcessMark.parse(Files.readString(home().resolve("machines/vm/process"))).orElseThrow();
    ProcessHandle qemu = ProcessHandle.of(mark.pid()).orElseThrow();
    qemu.destroyForcibly();
    qemu.onExit().join();
    at("machine", "start", "vm").exits(0);
    guestWrites("vm", "-P 8 2M 1M");
    JsonNode killed = made();
    assertThat(killed.get("work").get("known")).isNull();
    assertThat(killed.get("warnings").toString()).contains("read in full", "inconsistent");
    assertHolds(killed);
    guestWrites("vm", "-P 9 3M 512k");
    JsonNode next = made();
    assertThat(read(next)).isEqualTo(END + CELL);
    assertHolds(next);
    assertNothingLeft();
  }

  @Test
  void aCalcoThatWasKilledLeavesNothingInTheWay() throws Exception {
    JsonNode full = made();
    guestWrites("vm", "-P 7 0 16M");
    Process process = Command.listening(Map.of(), create());
    while (ask("vm", "query-block-jobs", Map.of()).isEmpty()) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(5);
    }
    process.destroyForcibly().waitFor();
    guestWrites("vm", "-P 8 30M 1M");
    JsonNode next = made();
    assertThat(next.get("warnings").isEmpty()).as(next.toString()).isTrue();
    assertThat(read(next)).isBetween(CELL, END + 18 * MIB);
    assertHolds(next);
    assertThat(bitmaps()).containsExactly(checkpoint(next)).doesNotContain(checkpoint(full));
    assertNothingLeft();
  }

  @Test
  void whatCannotBeIsSaid() throws IOException {
    assertThat(calco(create("--quiesce", "require")).exits(ExitCode.REFUSED).err())
        .contains("no agent listens in the guest", "--quiesce auto");
    Path lock = home().resolve("machines/vm/backup.lock");
    try (ProcessLock _ = ProcessLock.tryTake(lock).orElseThrow()) {
      assertThat(calco(create()).exits(ExitCode.REFUSED).err()).contains("backed up already");
    }
    stop("vm");
    JsonNode off = made();
    assertThat(off.get("origin").get("state").asString()).isEqualTo("at-rest");
    assertThat(
            calco(words("backup", "create", "--repo", repo, "machine:nobody"))
                .exits(ExitCode.NOT_FOUND)
                .err())
        .contains("no machine nobody");
  }
}
