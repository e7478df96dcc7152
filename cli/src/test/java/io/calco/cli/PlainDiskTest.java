package io.calco.cli;

import static io.calco.cli.Command.calco;
import static io.calco.cli.Overlays.base;
import static io.calco.cli.Overlays.img;
import static io.calco.cli.Overlays.io;
import static io.calco.cli.Overlays.overlay;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Disks of machines that QEMU alone runs, which do the work themselves. qemu-img looks at the
/// results.
@Timeout(600)
class PlainDiskTest extends WithPlainMachines {
  private List<String> layers(String machine) throws IOException {
    List<String> files = new ArrayList<>();
    JsonNode image = MAPPER.createObjectNode();
    for (JsonNode device : ask(machine, "query-block", Map.of())) {
      if (device.get("device").asString().equals("disk")) {
        image = device.get("inserted").get("image");
      }
    }
    for (; image.has("filename"); image = image.path("backing-image")) {
      files.add(Path.of(image.get("filename").asString()).getFileName().toString());
    }
    return files;
  }

  private boolean atWork(String machine) throws IOException {
    return !ask(machine, "query-block-jobs", Map.of()).isEmpty();
  }

  @Test
  void aCloneIsMadeIndependentWhileItsMachineRuns() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "t", "--home", home()).exits(0);
    calco("clone", "create", "t", "a1", "--home", home()).exits(0);
    Path clone = home().resolve("pool/a1.qcow2");
    Path before = dir.resolve("before.raw");
    img("convert", "-O", "raw", clone, before);
    long end = Files.size(before) - (64 << 10);
    Oracle.named("qemu-io")
        .run("-f", "raw", "-c", "write -P 9 %d 64k".formatted(end), before)
        .succeeds();
    run(clone, "a1");
    guestWrites("a1", "-P 9 %d 64k".formatted(end));
    assertThat(at("disk", "commit", clone).exits(4).err()).contains("sealed disk of template t v1");

    assertThat(at("clone", "flatten", "a1", "-r", "200M").exits(0).err())
        .contains("a1: independent");
    assertThat(layers("a1")).containsExactly("a1.qcow2");
    assertThat(calco("clone", "list", "--home", home()).out()).containsPattern("a1 +t v1 +full");
    calco("template", "delete", "t", "-y", "--home", home()).exits(0);
    stop("a1");
    img("check", clone);
    img("compare", "-f", "qcow2", "-F", "raw", clone, before);
  }

  @Test
  void anOverlayIsLeftOutWhileTheMachineRuns() throws IOException {
    Path middle = overlay(dir, "middle.qcow2", base(dir));
    io(middle, "write -P 2 1M 1M");
    Path top = overlay(dir, "top.qcow2", middle);
    io(top, "write -P 3 2M 1M");
    run(top, "one");

    assertThat(at("disk", "rebase", "-b", "other.qcow2", "-F", "qcow2", top).exits(7).err())
        .contains("does not rest on", "while machine one runs");
    assertThat(at("disk", "commit", middle).exits(4).err())
        .contains("machine one runs on " + top + ", which rests on it");
    at("disk", "rebase", "-b", "base.qcow2", "-F", "qcow2", top).exits(0);
    assertThat(layers("one")).containsExactly("top.qcow2", "base.qcow2");
    assertThat(Oracle.named("qemu-img").run("info", "-U", top).out())
        .contains("base.qcow2")
        .doesNotContain("middle.qcow2");
    at("disk", "rebase", "-b", "", top).exits(0);
    assertThat(layers("one")).containsExactly("top.qcow2");
    stop("one");
    img("check", top);
    for (String expected : List.of("-P 1 0 1M", "-P 2 1M 1M", "-P 3 2M 1M", "-P 1 3M 13M")) {
      io(top, "read " + expected);
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
    assertThat(layers("one")).containsExactly("top.qcow2", "base.qcow2");
    guestWrites("one", "-P 4 80M 1M");
    assertThat(at("disk", "commit", top).exits(0).err())
        .contains("machine one goes on with " + base, "was written into");
    assertThat(layers("one")).containsExactly("base.qcow2");
    guestWrites("one", "-P 5 90M 1M");
    Files.delete(top);
    stop("one");
    img("check", base);
    for (String expected :
        List.of("-P 1 0 2M", "-P 3 2M 1M", "-P 1 3M 13M", "-P 4 80M 1M", "-P 5 90M 1M")) {
      io(base, "read " + expected);
    }
    at("machine", "start", "one").exits(0);
    assertThat(layers("one")).as("from now on").containsExactly("base.qcow2");
    assertThat(at("disk", "commit", base).exits(7).err()).contains("has no backing image");
  }

  @Test
  void whatAnotherMachineRestsOnIsNotWritten() throws IOException {
    Path base = base(dir);
    Path top = overlay(dir, "top.qcow2", base);
    run(top, "one");
    run(overlay(dir, "other.qcow2", base), "two");
    assertThat(at("disk", "commit", top).exits(8).err()).contains("lock");
    assertThat(layers("one")).containsExactly("top.qcow2", "base.qcow2");
    guestWrites("one", "-P 5 1M 1M");
  }

  /// Stopped, the work ends; killed, QEMU goes on with it, and the next Calco finds it.
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void whoeverStopsItKeepsWhatTheyHad(String signal) throws Exception {
    Path base = base(dir);
    Path top = overlay(dir, "top.qcow2", base);
    run(top, "one");
    guestWrites("one", "-P 7 16M 8M");
    for (List<String> words :
        List.of(List.of("rebase", "-b", ""), List.of("commit"), List.of("commit", "-d"))) {
      List<Object> command = new ArrayList<>(List.of("disk"));
      command.addAll(words);
      command.addAll(List.of(top, "-r", "1M"));
      Process process = Command.listening(Map.of(), words(command.toArray()));
      while (!atWork("one")) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(50);
      }
      if (signal.equals("KILL")) {
        process.destroyForcibly();
      } else {
        process.destroy();
      }
      assertThat(process.waitFor()).isNotZero();
      if (signal.equals("KILL")) {
        assertThat(at("disk", "commit", top, "-r", "1M").exits(8).err()).contains("calco");
        ask("one", "block-job-cancel", Map.of("device", "calco", "force", true));
        while (atWork("one")) {
          Thread.sleep(50);
        }
      }
      assertThat(atWork("one")).isFalse();
      assertThat(layers("one")).containsExactly("top.qcow2", "base.qcow2");
    }
    stop("one");
    img("check", top);
    img("check", base);
    io(top, "read -P 1 0 16M");
    io(top, "read -P 7 16M 8M");
  }

  /// Calco was killed while the machine changed its disk.
  @Test
  void whatAMachineGoesOnWithIsAskedOfIt() throws Exception {
    Path base = base(dir);
    Path top = overlay(dir, "top.qcow2", base);
    run(top, "one");
    Path noted = home().resolve("machines/one/disk-changes");
    Files.createFile(noted);
    ask("one", "block-commit", Map.of("job-id", "calco", "device", "disk"));
    while (!ask("one", "query-block-jobs", Map.of()).get(0).get("ready").asBoolean()) {
      Thread.sleep(50);
    }
    assertThat(at("machine", "show", "one").exits(0).out()).contains(top.toString());
    assertThat(noted).as("it has not changed yet").exists();
    ask("one", "block-job-complete", Map.of("device", "calco"));
    while (atWork("one")) {
      Thread.sleep(50);
    }
    assertThat(at("machine", "show", "one").exits(0).out()).contains(base.toString());
    assertThat(noted).doesNotExist();
    stop("one");
    Files.createFile(noted);
    assertThat(at("machine", "start", "one").exits(8).err())
        .contains("base.qcow2", "define the machine anew");
  }
}
