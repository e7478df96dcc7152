package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Commands killed at any moment: the next one finds a home in which all is there that is recorded,
/// and nothing else.
class KillTest {
  private static final int BATCH = 12;
  private static final int MANY = 8;

  /// How long a command takes that is not killed, in milliseconds.
  private final Map<String, Long> lasts = new HashMap<>();

  @TempDir private Path directory;
  private Path home;
  private Path elsewhere;
  private Path disk;

  @BeforeEach
  void open() throws IOException {
    home = directory.resolve("home");
    elsewhere = directory.resolve("elsewhere");
    disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "t", "--home", home).exits(0);
  }

  @AfterEach
  void close() {
    Command.unlock(directory);
  }

  @Test
  void leavesNothingHalfMade() {
    Seeds.run(
        4,
        random -> {
          killTemplateCreate(random);
          killCloneCreate(random);
          killReset(random);
          killResetOfMany(random);
          killFlatten(random);
          killDelete(random);
        });
  }

  @Test
  void stopsSoonWhenAskedToAndLeavesNothing() throws Exception {
    Path large = directory.resolve("large.raw");
    byte[] piece = new byte[1 << 20];
    new Random(1).nextBytes(piece);
    try (var out = Files.newOutputStream(large)) {
      for (int i = 0; i < 512; i++) {
        piece[i] = (byte) i;
        out.write(piece);
      }
    }
    Path target = directory.resolve("target.qcow2");
    Process convert = Command.start("disk", "convert", "-c", "-O", "qcow2", large, target);
    while (convert.isAlive() && files(".part").isEmpty()) {
      Thread.sleep(10);
    }

    convert.destroy();

    assertThat(ProcessEnd.await(convert)).isEqualTo(ExitCode.CANCELLED);
    assertThat(files(".part")).isEmpty();
    assertThat(target).doesNotExist();
  }

  private List<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }

  private void killTemplateCreate(Random random) throws Exception {
    kill(random, "template", "create", disk, "--name", "u");

    requireAllIsWell();
    if (names("template").contains("u")) {
      calco("template", "delete", "u", "--yes", "--home", home).exits(0);
    }
    calco("template", "create", disk, "--name", "u", "--home", home).exits(0);
    calco("template", "delete", "u", "--yes", "--home", home).exits(0);
  }

  private void killCloneCreate(Random random) throws Exception {
    String kind = random.nextInt(3) == 0 ? "--full" : "--linked";
    Path where = random.nextBoolean() ? elsewhere : home.resolve("pool");
    String names = "aula-{01..%d}".formatted(BATCH);

    String seed = random.nextBoolean() ? "--seed-iso=nocloud" : "--seed-iso=configdrive";
    kill(random, "clone", "create", "t", names, kind, seed, "--output-dir", where);

    requireAllIsWell();
    assertThat(names("clone"))
        .hasSizeBetween(0, BATCH)
        .satisfies(made -> assertThat(made.size()).isIn(0, BATCH));
    if (names("clone").isEmpty()) {
      calco("clone", "create", "t", names, kind, seed, "--output-dir", where, "--home", home)
          .exits(0);
    }
    assertThat(list("clone")).allSatisfy(clone -> assertThat(clone.has("seed")).isTrue());
    calco("clone", "delete", names, "--yes", "--home", home).exits(0);
  }

  private void killReset(Random random) throws Exception {
    String kind = random.nextInt(2) == 0 ? "--full" : "--linked";
    Path clone = make("c", kind);
    Path before = directory.resolve("before.raw");
    Oracle qemuImg = Oracle.named("qemu-img");
    qemuImg.run("convert", "-O", "raw", clone, before).succeeds();
    Oracle.named("qemu-io").run("-c", "write -P 0x5a 20M 5M", clone).succeeds();

    kill(random, "clone", "reset", "c", "--yes");

    requireAllIsWell();
    calco("clone", "reset", "c", "--yes", "--home", home).exits(0);
    qemuImg.run("compare", before, clone).succeeds();
    calco("clone", "delete", "c", "--yes", "--home", home).exits(0);
  }

  /// Each is as it was, or as it was first.
  private void killResetOfMany(Random random) throws Exception {
    String names = "many-{1..%d}".formatted(MANY);
    calco("clone", "create", "t", names, "--home", home).exits(0);
    Path pool = home.resolve("pool");
    Oracle qemuImg = Oracle.named("qemu-img");
    List<Path> first = new ArrayList<>();
    List<Path> written = new ArrayList<>();
    for (int i = 1; i <= MANY; i++) {
      Path clone = pool.resolve("many-%d.qcow2".formatted(i));
      first.add(Files.copy(clone, pool.resolveSibling("first-%d.qcow2".formatted(i))));
      Oracle.named("qemu-io").run("-c", "write -P 0x5a 20M 5M", clone).succeeds();
      written.add(Files.copy(clone, pool.resolveSibling("written-%d.qcow2".formatted(i))));
    }

    kill(random, "clone", "reset", "many-*", "--yes");

    requireAllIsWell();
    for (int i = 1; i <= MANY; i++) {
      Path clone = pool.resolve("many-%d.qcow2".formatted(i));
      boolean whole =
          Files.mismatch(clone, first.get(i - 1)) < 0
              || Files.mismatch(clone, written.get(i - 1)) < 0;
      assertThat(whole).as(clone.toString()).isTrue();
    }
    calco("clone", "reset", "many-*", "--yes", "--home", home).exits(0);
    for (int i = 1; i <= MANY; i++) {
      Path clone = pool.resolve("many-%d.qcow2".formatted(i));
      qemuImg.run("check", clone).succeeds();
      assertThat(Files.mismatch(clone, first.get(i - 1))).isNegative();
      Files.delete(first.get(i - 1));
      Files.delete(written.get(i - 1));
    }
    calco("clone", "delete", "many-*", "--yes", "--home", home).exits(0);
  }

  private void killFlatten(Random random) throws Exception {
    Path clone = make("c", "--linked");
    Path before = directory.resolve("before.raw");
    Oracle qemuImg = Oracle.named("qemu-img");
    qemuImg.run("convert", "-O", "raw", clone, before).succeeds();

    kill(random, "clone", "flatten", "c");

    requireAllIsWell();
    qemuImg.run("compare", before, clone).succeeds();
    calco("clone", "flatten", "c", "--home", home).exits(0);
    qemuImg.run("compare", before, clone).succeeds();
    calco("clone", "delete", "c", "--yes", "--home", home).exits(0);
  }

  private void killDelete(Random random) throws Exception {
    make("c", "--linked");

    kill(random, "clone", "delete", "c", "--yes");

    requireAllIsWell();
    if (!names("clone").isEmpty()) {
      calco("clone", "reset", "c", "--yes", "--home", home).exits(0);
      calco("clone", "delete", "c", "--yes", "--home", home).exits(0);
    }
  }

  private Path make(String name, String kind) {
    calco(
            "clone",
            "create",
            "t",
            name,
            kind,
            "--seed-iso",
            "nocloud",
            "--output-dir",
            elsewhere,
            "--home",
            home)
        .exits(0);
    return elsewhere.resolve(name + ".qcow2");
  }

  /// Runs a command, and kills it at some time between its first third and its end.
  private void kill(Random random, Object... words) throws Exception {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--home", home));
    String kind = words[0] + " " + words[1];
    long limit = lasts.getOrDefault(kind, 1500L);
    long delay = limit / 3 + random.nextLong(limit * 3 / 4);
    long begun = System.nanoTime();
    Process process = Command.start(all.toArray());
    if (process.waitFor(delay, TimeUnit.MILLISECONDS)) {
      lasts.put(kind, Math.max(300, (System.nanoTime() - begun) / 1_000_000));
      assertThat(process.exitValue()).isZero();
    } else {
      lasts.merge(kind, delay + 100, Math::max);
      process.destroyForcibly().waitFor();
    }
  }

  private void requireAllIsWell() throws IOException {
    Command.Answer doctor = calco("doctor", "--full", "--home", home);
    assertThat(doctor.exit()).as(doctor.toString()).isZero();
    TreeSet<String> recorded = new TreeSet<>();
    for (JsonNode template : list("template")) {
      recorded.add(template.get("disk").asString());
    }
    for (JsonNode clone : list("clone")) {
      recorded.add(clone.get("disk").asString());
      Optional.ofNullable(clone.get("seed")).ifPresent(seed -> recorded.add(seed.asString()));
      recorded.add(
          home.resolve("first").resolve(clone.get("name").asString() + ".qcow2").toString());
      Oracle.named("qemu-img").run("check", clone.get("disk").asString()).succeeds();
    }
    TreeSet<String> there = new TreeSet<>();
    for (Path place : List.of(home.resolve("pool"), home.resolve("first"), elsewhere)) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          files.forEach(file -> there.add(file.toString()));
        }
      }
    }
    assertThat(there).isEqualTo(recorded);
  }

  private JsonNode list(String what) {
    return new ObjectMapper()
        .readTree(calco(what, "list", "--output", "json", "--home", home).exits(0).out());
  }

  private List<String> names(String what) {
    List<String> names = new ArrayList<>();
    list(what).forEach(entry -> names.add(entry.get("name").asString()));
    return names;
  }
}
