package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco plan`.
class PlanCommandTest {
  @TempDir private Path directory;
  private Path disk = Path.of("");
  private Path near = Path.of("");
  private Path far = Path.of("");

  @BeforeEach
  void makeThem() throws IOException {
    disk = directory.resolve("disk.img");
    near = directory.resolve("near");
    far = directory.resolve("far");
    calco("repo", "init", near).exits(0);
    calco("repo", "init", far).exits(0);
    change(new Random(1), 400_000);
  }

  private void change(Random random, int size) throws IOException {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    Files.write(disk, bytes);
  }

  private Command.Answer plan(Object... words) {
    List<Object> all = new ArrayList<>(List.of("plan"));
    all.addAll(List.of(words));
    all.addAll(List.of("--home", directory.resolve("home")));
    return calco(all.toArray());
  }

  private JsonNode json(Command.Answer answer) {
    return new ObjectMapper().readTree(answer.out());
  }

  private void add(Object... more) {
    List<Object> all = new ArrayList<>(List.of("add", "nightly", "--source", disk));
    all.addAll(List.of("--repo", near + ",keep-last=2"));
    all.addAll(List.of(more));
    plan(all.toArray()).exits(0);
  }

  @Test
  void aPlanIsAddedShownChangedRunAndRemoved() {
    add("--schedule", "weekdays at 20:00", "--rate-limit", "50M", "--zone", "Europe/Madrid");
    JsonNode shown = json(plan("show", "nightly", "--output", "json").exits(0));
    assertThat(shown.get("schedule").asString()).isEqualTo("weekdays at 20:00");
    assertThat(shown.get("rate-limit").asLong()).isEqualTo(50L << 20);
    assertThat(shown.get("sources").get(0).get("path").asString()).isEqualTo(disk.toString());
    assertThat(shown.get("repositories").get(0).get("keep").asString()).isEqualTo("last=2");
    plan("change", "nightly", "--rate-limit", "none", "--copy-to", far + ",medium=usb").exits(0);
    shown = json(plan("show", "nightly", "--output", "json").exits(0));
    assertThat(shown.has("rate-limit")).isFalse();
    assertThat(shown.get("repositories").size()).isEqualTo(2);
    assertThat(shown.get("schedule").asString()).isEqualTo("weekdays at 20:00");

    JsonNode run = json(plan("run", "nightly", "--output", "json").exits(0)).get(0);
    assertThat(run.get("state").asString()).isEqualTo("done");
    assertThat(run.get("steps").size()).isEqualTo(6);
    assertThat(plan("list").exits(0).out()).contains("nightly", "weekdays at 20:00", " done ");
    JsonNode board = json(plan("status", "--output", "json").exits(1)).get(0);
    assertThat(board.get("copies").asInt()).isEqualTo(3);
    assertThat(board.get("missing").get(0).asString()).isEqualTo("nothing is off-site");
    plan("change", "nightly", "--copy-to", far + ",medium=usb,off-site,allow-unencrypted").exits(0);
    assertThat(plan("status").exits(0).out()).contains("disk+usb", "yes");
    assertThat(json(plan("simulate", "nightly", "--days", "7", "--output", "json").exits(0)).size())
        .isEqualTo(2);
    plan("remove", "nightly").exits(4);
    plan("remove", "nightly", "--yes").exits(0);
    assertThat(plan("list").exits(0).err()).contains("There are no plans");
  }

  @Test
  void anOverlayMayHaveItsBackingImageElsewhere() throws IOException {
    Path overlay = Files.createDirectory(directory.resolve("other")).resolve("overlay.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", disk, "-F", "raw", overlay)
        .succeeds();
    plan("add", "p", "--source", overlay, "--repo", near).exits(0);
    assertThat(plan("run", "p").exits(1).out()).contains("lies outside the image's directory");
    plan("change", "p", "--source", overlay + ",allow=" + directory).exits(0);
    assertThat(plan("show", "p").exits(0).out()).contains("may lead into " + directory);
    plan("run", "p").exits(0);
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThat(plan("add", "x", "--source", disk).exits(2).err())
        .contains("no repository to back up to", "--repo ADDRESS");
    assertThat(plan("add", "x", "--source", disk + ",machin=web", "--repo", near).exits(2).err())
        .contains("nothing that could be said of");
    assertThat(plan("add", "x", "--source", disk, "--repo", near + ",off-site").exits(4).err())
        .contains("is off-site and not encrypted");
    assertThat(
            plan("add", "x", "--source", disk, "--repo", near, "--schedule", "now and then")
                .exits(2)
                .err())
        .contains("is no schedule", "every 6h");
    assertThat(
            plan("add", "x", "--source", disk, "--repo", near, "--webhook", "file:///etc/passwd")
                .exits(2)
                .err())
        .contains("is no address of the web");
    assertThat(plan("add", "x", "--source", disk, "--repo", near, "--keep", "tag=a").exits(2).err())
        .contains("may keep nothing");
    plan("run").exits(2);
    plan("run", "nobody").exits(3);
    plan("run", "nobody", "--due").exits(3);
    plan("log", "--run", "7").exits(3);
  }

  @Test
  void itIsSaidWhatEachPartOfARuleKeeps() throws IOException {
    add();
    for (int seed = 1; seed <= 3; seed++) {
      change(new Random(seed), 400_000);
      calco("backup", "create", "--repo", near, "--machine", "web1", disk).exits(0);
    }
    JsonNode of =
        json(calco(
                    "backup",
                    "forget",
                    "--repo",
                    near,
                    "--keep-last",
                    2,
                    "--keep-daily",
                    7,
                    "--dry-run",
                    "--calendar",
                    "--output",
                    "json")
                .exits(0))
            .get(0);
    assertThat(of.get("machine").asString()).isEqualTo("web1");
    assertThat(of.get("keep").asString()).isEqualTo("last=2,daily=7");
    assertThat(of.get("points").size()).isEqualTo(3);
    JsonNode last = of.get("rules").get(of.get("rules").size() - 1);
    assertThat(last.get("rule").asString()).isEqualTo("last");
    assertThat(last.get("keeps").size()).isEqualTo(2);
    assertThat(last.get("alone").asInt()).isBetween(0, 1); // midnight may lie between them
    int kept = 0;
    for (JsonNode day : of.get("days")) {
      kept += day.get("kept").asInt();
    }
    assertThat(kept).isBetween(2, 3);
    calco("backup", "forget", "--repo", near, "--calendar", "latest").exits(2);
  }

  @Test
  void whoIsToldIsSaidAndTakenBack() {
    plan("add", "x", "--source", disk, "--repo", near, "--webhook", "http://10.1.2.3/h").exits(4);
    add("--webhook", "http://10.1.2.3/h", "--webhook-allow-local", "--mail", "a@b.c+d@e.f,always");
    JsonNode shown = json(plan("show", "nightly", "--output", "json").exits(0));
    assertThat(shown.get("webhook-reach").asString()).isEqualTo("local");
    assertThat(shown.get("mail").get("to").size()).isEqualTo(2);
    assertThat(shown.get("mail").get("when").asString()).isEqualTo("always");
    plan("change", "nightly", "--webhook", "http://10.1.2.3/h").exits(4);
    plan("change", "nightly", "--webhook", "none", "--mail", "none").exits(0);
    shown = json(plan("show", "nightly", "--output", "json").exits(0));
    assertThat(shown.has("mail")).isFalse();
    assertThat(shown.has("webhook")).isFalse();
    assertThat(plan("change", "nightly", "--mail", "ana").exits(2).err())
        .contains("is no mail address");
    plan("change", "nightly", "--mail", "a@b.c,language=fr").exits(2);
  }

  @Test
  void aPlaceMayHaveCommas() throws IOException {
    Path comma = directory.resolve("a,b.img");
    Files.copy(disk, comma);
    plan("add", "x", "--source", comma + ",machine=web1", "--repo", near).exits(0);
    JsonNode shown = json(plan("show", "x", "--output", "json").exits(0));
    assertThat(shown.get("sources").get(0).get("path").asString()).isEqualTo(comma.toString());
    assertThat(shown.get("sources").get(0).get("machine").asString()).isEqualTo("web1");
  }

  @Test
  void killedAtAnyMomentItIsToldAndTheNextRunIsWhole() {
    add("--copy-to", far + ",medium=usb,keep-last=1");
    long[] lasts = {4000};
    Seeds.run(
        4,
        random -> {
          change(random, 4_000_000);
          long begun = System.nanoTime();
          Process process =
              Command.start("plan", "run", "nightly", "--home", directory.resolve("home"));
          boolean ended = process.waitFor(random.nextLong(400, lasts[0]), TimeUnit.MILLISECONDS);
          if (ended) {
            lasts[0] = Math.max(600, (System.nanoTime() - begun) / 1_000_000);
          } else {
            Oracle.named("kill").run("-9", process.pid());
            process.waitFor();
          }
          Command.Answer log = plan("log", "nightly", "--output", "json").exits(0);
          for (JsonNode run : json(log)) {
            assertThat(run.get("state").asString()).isIn("done", "interrupted");
          }
          plan("run", "nightly").exits(0);
          calco("backup", "verify", "--repo", near).exits(0);
          calco("backup", "verify", "--repo", far).exits(0);
          JsonNode points =
              json(calco("backup", "list", "--repo", far, "--output", "json").exits(0));
          assertThat(points.size()).isOne();
        });
  }
}
