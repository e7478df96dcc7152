package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco backup`, `calco restore` and `calco repo`.
class BackupCommandTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path disk = Path.of("");

  @BeforeEach
  void makeThem() throws IOException {
    repo = directory.resolve("repo");
    disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("repo", "init", repo).exits(0);
  }

  private JsonNode json(Object... words) {
    Object[] all = java.util.Arrays.copyOf(words, words.length + 4);
    all[words.length] = "--repo";
    all[words.length + 1] = repo;
    all[words.length + 2] = "--output";
    all[words.length + 3] = "json";
    return new ObjectMapper().readTree(calco(all).exits(0).out());
  }

  private String backUp(Object... words) {
    Object[] all = new Object[words.length + 3];
    all[0] = "backup";
    all[1] = "create";
    System.arraycopy(words, 0, all, 2, words.length);
    all[words.length + 2] = disk;
    return json(all).get("id").asString();
  }

  private Command.Answer on(Object... words) {
    Object[] all = java.util.Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--repo";
    all[words.length + 1] = repo;
    return calco(all);
  }

  @Test
  void aPointIsMadeShownAndLookedInto() throws IOException {
    String id = backUp("--label", "first one", "--tag", "gold,old", "--note", "a note");
    JsonNode point = json("backup", "show", "latest");
    assertThat(point.get("id").asString()).isEqualTo(id);
    assertThat(point.get("remarks").get("label").asString()).isEqualTo("first one");
    assertThat(point.get("remarks").get("tags").size()).isEqualTo(2);
    String machine = point.get("machine").asString();
    assertThat(point.get("system").get("host-name").asString()).isEqualTo(machine);
    assertThat(point.get("disk").get("partitions").size()).isPositive();
    assertThat(on("backup", "show", machine + "@latest").exits(0).out())
        .contains("first one", "gold, old", "a note", "ext4");
    assertThat(on("backup", "list").exits(0).out())
        .contains(id.substring(0, 8), "first one, #gold");
    assertThat(on("backup", "list", "nobody").exits(0).err()).contains("no restore point");
    assertThat(on("backup", "show", "zzz").exits(3).err())
        .contains("there is no restore point zzz");

    assertThat(on("backup", "ls", "latest:/etc").exits(0).out())
        .isEqualTo(calco("guest", "ls", disk + ":/etc").exits(0).out());
    Path out = directory.resolve("hostname");
    on("backup", "copy-out", id.substring(0, 6) + ":/etc/hostname", out).exits(0);
    assertThat(Files.readString(out).strip()).isEqualTo(machine);
  }

  @Test
  void nothingIsStoredTwiceAndDifferencesAreTold() throws IOException {
    String first = backUp();
    String second = backUp();
    assertThat(json("backup", "show", second).get("work").get("fresh").asLong()).isZero();
    assertThat(on("backup", "diff", first, second).exits(0).out())
        .contains("outside partitions  -");
    Path motd = Files.writeString(directory.resolve("motd"), "changed\n");
    calco("guest", "copy-in", motd, disk + ":/etc/motd").exits(0);
    String third = backUp();
    assertThat(on("backup", "diff", first, third).exits(1).out()).contains("iB");
    assertThat(on("backup", "diff", "--files", first, third).exits(1).out()).contains("/etc/motd");
  }

  @Test
  void commandsRunBeforeAndAfter() throws IOException {
    Path snapshot = directory.resolve("snapshot.qcow2");
    Path log = directory.resolve("log");
    String make = "cp %s %s; echo said".formatted(disk, snapshot);
    String remove = "echo $CALCO_RESULT >> %s; rm \"$CALCO_SOURCE\"".formatted(log);
    assertThat(on("backup", "create", "--before", make, "--after", remove, snapshot).exits(0).out())
        .doesNotContain("said");
    assertThat(snapshot).doesNotExist();
    on("backup", "create", "--before", "true", "--after", remove, snapshot).exits(3);
    assertThat(log).hasContent("done\nfailed\n");

    assertThat(on("backup", "create", "--before", "exit 3", "--after", remove, disk).exit())
        .isNotZero();
    assertThat(log).hasContent("done\nfailed\n");
    assertThat(on("backup", "list").exits(0).out().lines()).hasSize(2);
    assertThat(on("backup", "create", "--after", "exit 3", disk).exits(8).err())
        .contains("after the backup ended with 3", "the restore point is made");
    assertThat(on("backup", "list").exits(0).out().lines()).hasSize(3);
  }

  @Test
  void whatComesBackIsTheDisk() throws IOException {
    backUp("--raw");
    Path raw = directory.resolve("disk.img");
    calco("disk", "convert", "-O", "raw", disk, raw).exits(0);
    Path back = directory.resolve("back.img");
    assertThat(on("restore", "latest", back, "--verify").exits(0).out()).contains("and compared");
    assertThat(Files.mismatch(raw, back)).isNegative();
    Path image = directory.resolve("back.qcow2");
    on("restore", "-f", "qcow2", "--size", "400M", "latest", image).exits(0);
    Oracle.named("qemu-img").run("check", image).succeeds();
    Oracle.named("qemu-img").run("info", image).says("400 MiB");
    Path vhdx = directory.resolve("back.vhdx");
    on("backup", "export", "-O", "vhdx", "latest", vhdx).exits(0);
    calco("disk", "compare", raw, vhdx).exits(0);

    assertThat(on("restore", "latest", back).exits(4).err()).contains("Overwrite", "--yes");
    try (var file = new RandomAccessFile(back.toFile(), "rw")) {
      file.seek(5 << 20);
      file.write(new byte[70_000]);
      file.writeBytes("garbage");
    }
    assertThat(on("restore", "latest", back, "--dry-run").exits(0).out()).contains("all of");
    JsonNode delta = json("restore", "latest", back, "--delta", "--yes", "--verify");
    assertThat(delta.get("written").asLong()).isLessThan(3 << 20);
    assertThat(Files.mismatch(raw, back)).isNegative();
    assertThat(json("backup", "show", "latest").get("checks").get(0).get("kind").asString())
        .isEqualTo("restore");
  }

  @Test
  void anExportIsSplitForFat() throws IOException {
    backUp("--raw");
    Path raw = directory.resolve("disk.img");
    calco("disk", "convert", "-O", "raw", disk, raw).exits(0);
    Path target = directory.resolve("parts.img");
    String told = on("backup", "export", "--split", "50M", "latest", target).exits(0).out();
    assertThat(told.lines()).containsExactly(target + ".aa", target + ".ab", target + ".ac");
    assertThat(Files.size(Path.of(target + ".aa"))).isEqualTo(50 << 20);
    Path joined = directory.resolve("joined.img");
    Oracle.named("sh").run("-c", "cat %s.* > %s".formatted(target, joined)).succeeds();
    assertThat(Files.mismatch(raw, joined)).isNegative();
    calco("disk", "compare", raw, target + ".aa").exits(0);
    assertThat(on("backup", "export", "--split", "50M", "latest", target).exits(4).err())
        .contains(target + ".aa: is there already");

    Path packed = directory.resolve("packed.gz");
    on("backup", "export", "-O", "raw.gz", "--split", "1M", "latest", packed).exits(0);
    Oracle.named("sh").run("-c", "cat %s.* | gzip -d | cmp - %s".formatted(packed, raw)).succeeds();
    on("backup", "export", "--split", "0", "latest", target).exits(2);
    assertThat(on("backup", "export", "--split", "1", "latest", packed + "2").exits(2).err())
        .contains("more than 676 parts");
    try (var left = Files.list(directory)) {
      assertThat(left.filter(file -> file.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void tooSmallOrInUseIsRefused() throws IOException {
    backUp();
    Path small = directory.resolve("small.img");
    calco("disk", "create", "-f", "raw", small, "1M").exits(0);
    assertThat(on("restore", "latest", small, "--yes").exits(4).err())
        .contains("too small: the smallest that would do has ");
    Path back = directory.resolve("back.img");
    on("restore", "latest", back).exits(0);
    Oracle.Run loop = Oracle.named("losetup").run("--find", "--show", back);
    Assumptions.assumeTrue(loop.exit() == 0);
    String device = loop.out().strip();
    try {
      assertThat(on("restore", "latest", back, "--yes").exits(4).err()).contains("is in use");
      assertThat(on("backup", "create", device, "--no-inspect").exits(0).out()).contains("0 B new");
      on("restore", "--delta", "--yes", "latest", device).exits(0);
    } finally {
      Oracle.named("losetup").run("--detach", device).succeeds();
    }
  }

  @Test
  void aMountedDeviceIsTakenOnlyWhenThatIsAskedFor() throws IOException {
    Path image = directory.resolve("fs.img");
    calco("disk", "create", "-f", "raw", image, "8M").exits(0);
    Oracle.named("mkfs.ext4").run("-q", "-F", image).succeeds();
    Oracle.Run loop = Oracle.named("losetup").run("--find", "--show", image);
    Assumptions.assumeTrue(loop.exit() == 0);
    String device = loop.out().strip();
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    try {
      Assumptions.assumeTrue(Oracle.named("mount").run(device, mounted).exit() == 0);
      try {
        assertThat(on("backup", "create", device).exits(4).err())
            .contains("mounted", "--allow-live");
        assertThat(
                json("backup", "create", "--allow-live", "--machine", "m", device)
                    .get("origin")
                    .get("state")
                    .asString())
            .isEqualTo("in-use");
        assertThat(on("restore", "latest", device, "--yes").exits(4).err()).contains("in use");
      } finally {
        Oracle.named("umount").run(mounted).succeeds();
      }
    } finally {
      Oracle.named("losetup").run("--detach", device).succeeds();
    }
  }

  @Test
  void onePartitionGoesOverTheOneItWas() throws IOException {
    backUp();
    JsonNode partitions = json("backup", "show", "latest").get("disk").get("partitions");
    JsonNode last = partitions.get(partitions.size() - 1);
    int number = last.get("number").asInt();
    Path back = directory.resolve("back.img");
    on("restore", "latest", back).exits(0);
    byte[] before = Files.readAllBytes(back);
    try (var file = new RandomAccessFile(back.toFile(), "rw")) {
      file.seek(600);
      file.writeBytes("outside");
      file.seek(last.get("start").asLong() + 1024);
      file.write(new byte[100_000]);
    }
    assertThat(on("restore", "latest", back, "--partition", number, "-n").exits(0).out())
        .contains("partition %d over partition %d".formatted(number, number));
    on("restore", "latest", back, "--partition", number, "--yes", "--verify").exits(0);
    byte[] after = Files.readAllBytes(back);
    assertThat(new String(after, 600, 7, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("outside");
    System.arraycopy(before, 600, after, 600, 7);
    assertThat(java.util.Arrays.equals(before, after)).isTrue();

    String alone = backUp("--partition", number);
    assertThat(on("restore", alone, directory.resolve("no.img")).exits(4).err())
        .contains("holds only partition");
    on("restore", alone, back, "--partition", number, "--yes").exits(0);
    assertThat(on("restore", alone, back, "--partition", "77", "--yes").exits(3).err())
        .contains("no partition 77");
    assertThat(on("backup", "create", "--partition", "77", disk).exits(2).err())
        .contains("no partition 77");
  }

  @Test
  void pointsAreHeldForgottenAndPruned() throws IOException {
    String first = backUp("--tag", "gold");
    String second = backUp();
    String third = backUp();
    on("backup", "hold", "--reason", "audit", second).exits(0);
    assertThat(on("backup", "forget", second, "--yes").exits(4).err()).contains("is held: audit");
    assertThat(on("backup", "forget").exits(2).err()).contains("name points, or a policy");
    assertThat(
            on("backup", "forget", "--keep-last", "1", "--keep-tag", "gold", "-n").exits(0).out())
        .contains("kept: last", "kept: hold", "kept: tag gold");
    on("backup", "hold", "--release", second).exits(0);
    on("backup", "forget", "--keep-last", "1", "--keep-tag", "gold", "--yes").exits(0);
    assertThat(on("backup", "list").exits(0).out())
        .contains(first.substring(0, 8), third.substring(0, 8))
        .doesNotContain(second.substring(0, 8));
    on("backup", "forget", first, third, "--yes").exits(0);
    on("backup", "prune", "--dry-run").exits(0);
    assertThat(on("backup", "prune").exits(0).out()).contains("Deleted");
    assertThat(json("repo", "status").get("points").asInt()).isZero();
    assertThat(json("repo", "status").get("garbage-bytes").asLong()).isZero();
  }

  @Test
  void forgettingMayPruneAtOnce() throws IOException {
    backUp();
    Path noise = directory.resolve("noise.img");
    byte[] bytes = new byte[3 << 20];
    new Random(1).nextBytes(bytes);
    Files.write(noise, bytes);
    String gone = json("backup", "create", noise).get("id").asString();
    JsonNode plan = json("backup", "forget", gone, "--prune", "--dry-run");
    assertThat(plan.get("forget")).hasSize(1);
    assertThat(plan.get("prune").get("freed-bytes").asLong()).isGreaterThanOrEqualTo(bytes.length);
    assertThat(on("backup", "forget", gone, "--prune", "--dry-run").exits(0).out())
        .contains("to be forgotten", "Free then:  3 MiB");
    assertThat(json("repo", "status").get("points").asInt()).isEqualTo(2);
    JsonNode done = json("backup", "forget", gone, "--prune", "--yes");
    assertThat(done.get("forget").get(0).get("kept").asBoolean()).isFalse();
    assertThat(done.get("prune").get("deleted-bytes").asLong())
        .isGreaterThanOrEqualTo(bytes.length);
    assertThat(json("repo", "status").get("garbage-bytes").asLong()).isLessThan(bytes.length);
    assertThat(on("backup", "forget", "--keep-last", "1", "--prune", "--yes").exits(0).out())
        .contains("kept: last", "Deleted 0 packs");
    on("backup", "verify").exits(0);
  }

  @Test
  void aFlippedBitIsFoundAndNamed() throws IOException {
    String id = backUp();
    assertThat(on("backup", "verify").exits(0).out()).contains("all is as it was written");
    assertThat(json("backup", "show", id).get("checks").get(0).get("sound").asBoolean()).isTrue();
    Path pack;
    try (var files = Files.walk(repo.resolve("packs"))) {
      pack =
          files
              .filter(Files::isRegularFile)
              .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    try (var file = new RandomAccessFile(pack.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int old = file.read();
      file.seek(file.length() / 2);
      file.write(old ^ 4);
    }
    assertThat(on("backup", "verify").exits(1).out())
        .contains(id.substring(0, 8), "partition", "1 restore point lost content");
    assertThat(on("backup", "list").exits(0).out()).contains("DAMAGED");
  }

  @Test
  void pointsAreCopiedToAnotherRepositoryThatIsEncrypted() throws IOException {
    backUp();
    Path pass = Files.writeString(directory.resolve("pass"), "correct horse\n");
    Path offsite = directory.resolve("offsite");
    calco("repo", "init", "--encrypt", "--repo-passphrase-file", pass, offsite).exits(0);
    assertThat(on("backup", "copy", "--to", offsite).exits(6).err()).contains("encrypted");
    on("backup", "copy", "--to", offsite, "--to-passphrase-file", pass).exits(0);
    Path one = directory.resolve("one.img");
    Path two = directory.resolve("two.img");
    on("restore", "latest", one).exits(0);
    calco("restore", "--repo", offsite, "--repo-passphrase-file", pass, "latest", two).exits(0);
    assertThat(Files.mismatch(one, two)).isNegative();
    Path key = directory.resolve("key");
    Files.writeString(
        key,
        calco("repo", "recovery", "--repo", offsite, "--repo-passphrase-file", pass)
            .exits(0)
            .out());
    assertThat(
            calco("backup", "list", "--repo", offsite, "--repo-passphrase-file", key)
                .exits(0)
                .out())
        .contains("ID");
  }

  private static Command.Answer at(Path repository, Path secret, Object... words) {
    Object[] all = java.util.Arrays.copyOf(words, words.length + 4);
    all[words.length] = "--repo";
    all[words.length + 1] = repository;
    all[words.length + 2] = "--repo-passphrase-file";
    all[words.length + 3] = secret;
    return calco(all);
  }

  private static String keyCalled(Command.Answer listed, String label) {
    return listed
        .out()
        .lines()
        .filter(line -> line.endsWith(label))
        .findFirst()
        .orElseThrow()
        .substring(0, 36);
  }

  @Test
  void keysAreAddedTakenAwayLostAndMadeAgain() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "correct horse\n");
    Path two = Files.writeString(directory.resolve("two"), "battery staple\n");
    Path sealed = directory.resolve("sealed");
    calco("repo", "init", "--encrypt", "--repo-passphrase-file", one, sealed).exits(0);
    assertThat(on("repo", "key", "list").exits(4).err()).contains("is not encrypted");
    at(sealed, one, "repo", "key", "add", "--new-passphrase-file", two, "--label", "ana").exits(0);
    Command.Answer listed = at(sealed, two, "repo", "key", "list").exits(0);
    String first = keyCalled(listed, "first");
    String anas = keyCalled(listed, "ana");
    at(sealed, two, "repo", "key", "remove", first.substring(0, 8), "--yes").exits(0);
    at(sealed, one, "backup", "list").exits(6);
    assertThat(at(sealed, two, "repo", "key", "remove", anas, "--yes").exits(4).err())
        .contains("the last key stays", "calco repo key add");
    assertThat(at(sealed, two, "repo", "key", "remove", "zzz", "--yes").exits(3).err())
        .contains("calco repo key list");

    Path paper = directory.resolve("paper");
    Files.writeString(paper, at(sealed, two, "repo", "recovery").exits(0).out());
    Path slot = sealed.resolve("keys/" + anas);
    byte[] bytes = Files.readAllBytes(slot);
    bytes[bytes.length / 2] ^= 1;
    Files.write(slot, bytes);
    assertThat(at(sealed, two, "backup", "list").exits(5).err())
        .contains("keys/" + anas, "SHA-256", "the recovery key opens it");
    at(sealed, paper, "repo", "key", "add", "--new-passphrase-file", one).exits(0);
    at(sealed, one, "backup", "list").exits(0);
    assertThat(at(sealed, one, "repo", "key", "list").exits(1).err())
        .contains("calco repo key remove " + anas);
    at(sealed, one, "repo", "key", "remove", anas, "--yes").exits(0);
    at(sealed, one, "repo", "key", "list").exits(0);

    try (var keys = Files.list(sealed.resolve("keys"))) {
      keys.forEach(file -> assertThat(file.toFile().delete()).isTrue());
    }
    assertThat(at(sealed, one, "backup", "list").exits(5).err())
        .contains("no key is left", "the recovery key opens it");
    at(sealed, paper, "repo", "key", "add", "--new-passphrase-file", two).exits(0);
    at(sealed, two, "backup", "list").exits(0);
  }

  @Test
  void whereThereIsNoRepositoryThatIsSaid() {
    assertThat(calco("backup", "list").exits(2).err()).contains("no repository is given", "--repo");
    assertThat(calco("backup", "list", "--repo", directory.resolve("none")).exits(3).err())
        .contains("there is no repository", "calco repo init");
    assertThat(calco("repo", "init", repo).exits(4).err())
        .contains("there is a repository already");
  }
}
