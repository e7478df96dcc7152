package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco plan` of machines, with libvirtd and QEMU.
@Timeout(900)
class MachinePlanTest extends WithLibvirt {
  @TempDir private Path dir;
  private Path near = Path.of("");
  private Path far = Path.of("");

  @BeforeEach
  void makeThem() throws IOException {
    near = dir.resolve("near");
    far = dir.resolve("far");
    calco("repo", "init", near).exits(0);
    calco("repo", "init", far).exits(0);
    define("aula-01", image("one.qcow2", 1), image("data.qcow2", 2));
    define("aula-02", image("two.qcow2", 3));
    define("teacher", image("teacher.qcow2", 4));
    server().virsh("start", "aula-01").succeeds();
  }

  private Path image(String name, int seed) throws IOException {
    Path content = dir.resolve("content.raw");
    byte[] bytes = new byte[4 << 20];
    new Random(seed).nextBytes(bytes);
    Files.write(content, bytes);
    Path image = dir.resolve(name);
    Oracle.named("qemu-img").run("convert", "-O", "qcow2", content, image).succeeds();
    return image;
  }

  private static void define(String name, Path... disks) throws IOException {
    StringBuilder devices = new StringBuilder();
    for (int i = 0; i < disks.length; i++) {
      devices.append(
          """
          <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
          <source file='%s'/><target dev='sd%c' bus='sata'/></disk>
          """
              .formatted(disks[i], 'a' + i));
    }
    server()
        .define(
            """
            <domain type='qemu'><name>%s</name><memory unit='MiB'>64</memory>
            <os><type arch='x86_64'>hvm</type></os><devices>%s</devices></domain>
            """
                .formatted(name, devices));
  }

  private Command.Answer plan(Object... words) {
    List<Object> all = new ArrayList<>(List.of("plan"));
    all.addAll(List.of(words));
    all.addAll(List.of("--home", dir.resolve("home")));
    return calco(all.toArray());
  }

  private JsonNode json(int exit, Object... words) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--output", "json"));
    return new ObjectMapper().readTree(plan(all.toArray()).exits(exit).out());
  }

  private static List<String> each(JsonNode nodes, String field) {
    return nodes.valueStream().map(node -> node.get(field).asString()).toList();
  }

  private static List<JsonNode> backups(JsonNode run) {
    return run.get(0)
        .get("steps")
        .valueStream()
        .filter(step -> step.get("kind").asString().equals("backup"))
        .toList();
  }

  private JsonNode points(Path repository) {
    return new ObjectMapper()
        .readTree(calco("backup", "list", "--repo", repository, "--output", "json").exits(0).out());
  }

  private static List<String> origins(JsonNode points) {
    return points
        .valueStream()
        .map(point -> point.get("origin").get("source").asString())
        .sorted()
        .toList();
  }

  @Test
  void machinesAreTakenAsTheyAreCalled() throws IOException {
    plan(
            "add",
            "aula",
            "--source",
            "machine:aula-*",
            "--connect",
            server().uri(),
            "--repo",
            near + ",keep-last=1",
            "--copy-to",
            far + ",medium=usb,off-site,allow-unencrypted",
            "--verify-every",
            "1",
            "--test-every",
            "30",
            "--daily",
            "14:00")
        .exits(0);
    JsonNode source = json(0, "show", "aula").get("sources").get(0);
    assertThat(source.get("connect").asString()).isEqualTo(server().uri());
    assertThat(source.get("quiesce").asString()).isEqualTo("auto");
    assertThat(plan("show", "aula").out()).contains("machine:aula-*: of " + server().uri());
    assertThat(plan("run", "aula", "--dry-run").exits(0).out())
        .contains("backup machine:aula-01 →", "backup machine:aula-02 →")
        .doesNotContain("teacher");

    JsonNode first = json(0, "run", "aula");
    assertThat(each(first.get(0).get("log"), "text"))
        .contains("machine:aula-* means aula-01, aula-02");
    assertThat(origins(points(near)))
        .containsExactly("machine:aula-01/sda", "machine:aula-01/sdb", "machine:aula-02/sda");
    assertThat(origins(points(far))).isEqualTo(origins(points(near)));
    assertThat(backups(first).get(0).get("message").asString())
        .contains("of aula-01 sda, ", "of aula-01 sdb, ")
        .doesNotContain(" read, ");
    assertThat(each(first.get(0).get("steps"), "subject"))
        .contains("machine:aula-01/sdb in " + near);
    assertThat(each(json(0, "status"), "source"))
        .containsExactly("machine:aula-01/sda", "machine:aula-01/sdb", "machine:aula-02/sda");
    assertThat(each(json(0, "simulate", "aula", "--days", "2"), "source"))
        .containsExactly(
            "machine:aula-01/sda",
            "machine:aula-01/sdb",
            "machine:aula-02/sda",
            "machine:aula-01/sda",
            "machine:aula-01/sdb",
            "machine:aula-02/sda");

    // A rule judges each disk by itself; what a running machine wrote alone is read.
    server()
        .virsh(
            "qemu-monitor-command",
            "aula-01",
            "--hmp",
            "qemu-io -d sata0-0-0 \"write -P 7 1M 64k\"")
        .succeeds();
    JsonNode second = json(0, "run", "aula");
    assertThat(backups(second).get(0).get("message").asString()).contains(" 524288 read, ");
    assertThat(origins(points(near))).hasSize(3);
    assertThat(points(far).size()).isEqualTo(6);

    // A new machine is taken along; what is wrong with it stops no other.
    define("aula-03", dir.resolve("gone.qcow2"));
    JsonNode third = json(1, "run", "aula");
    assertThat(each(third.get(0).get("log"), "text"))
        .contains("machine:aula-* means aula-01, aula-02, aula-03");
    assertThat(backups(third))
        .extracting(step -> step.get("state").asString())
        .containsExactly("done", "done", "failed");
    assertThat(backups(third).get(2).get("message").asString()).contains("gone.qcow2");
    assertThat(origins(points(near))).hasSize(3);
    image("gone.qcow2", 5);
    json(0, "run", "aula");
    assertThat(origins(points(near))).hasSize(4).contains("machine:aula-03/sda");

    Path back = dir.resolve("back.raw");
    calco("restore", "--repo", far, "aula-02@latest", back).exits(0);
    assertThat(
            Oracle.named("qemu-img")
                .run("compare", back, dir.resolve("two.qcow2"))
                .succeeds()
                .out())
        .contains("identical");
  }

  @Test
  void whatCannotBeAskedForFailsAlone() throws IOException {
    Path disk = dir.resolve("two.qcow2");
    plan(
            "add",
            "mixed",
            "--source",
            "machine:aula-*,connect=qemu+unix:///system?socket=" + dir.resolve("nobody"),
            "--source",
            "machine:nobody",
            "--source",
            disk + ",bitmap",
            "--connect",
            server().uri(),
            "--repo",
            near)
        .exits(0);
    List<JsonNode> steps = backups(json(1, "run", "mixed"));
    assertThat(steps)
        .extracting(step -> step.get("subject").asString() + " " + step.get("state").asString())
        .containsExactly(
            "machine:aula-* → %s failed".formatted(near),
            "machine:nobody → %s failed".formatted(near),
            "%s → %s done".formatted(disk, near));
    assertThat(steps.get(1).get("message").asString()).contains("there is no machine nobody");
    assertThat(each(json(1, "status"), "source"))
        .containsExactly("machine:aula-*", "machine:nobody", disk.toString());

    // The image has a bitmap: only what somebody else's writer marked is read.
    Oracle.named("qemu-io").run("-c", "write -P 9 2M 64k", disk).succeeds();
    assertThat(backups(json(1, "run", "mixed")).get(2).get("message").asString())
        .contains(" 524288 read, ");
    assertThat(Oracle.named("qemu-img").run("info", disk).succeeds().out()).contains("calco-");
  }

  @Test
  void whatIsForDisksIsRefused() {
    for (String words : List.of("partition=1", "allow-live", "bitmap", "format=raw")) {
      assertThat(plan("add", "x", "--source", "machine:a," + words, "--repo", near).exits(2).err())
          .contains("a machine's disks are taken whole");
    }
    assertThat(plan("add", "x", "--source", "machine:a*,machine=b", "--repo", near).exits(2).err())
        .contains("several machines cannot have one name");
    assertThat(plan("add", "x", "--source", "/dev/sda,quiesce=no", "--repo", near).exits(2).err())
        .contains("connect, quiesce and scratch are for machines");
    assertThat(
            plan(
                    "add",
                    "x",
                    "--source",
                    "machine:a",
                    "--connect",
                    "qemu+ssh://ana@far/system",
                    "--repo",
                    near)
                .exits(2)
                .err())
        .contains("is no address of a libvirt on this host");
  }
}
