package io.calco.engine;

import static io.calco.engine.TemplatesTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Clone;
import io.calco.disk.JobContext;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.OperationException.Kind;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of clones, on the demo's disk.
class ClonesTest {
  private static final long TEMPLATE_SIZE = 128L << 20;

  @TempDir private Path directory;
  private TestHome home;
  private TemplateReport template;

  @BeforeEach
  void open() throws IOException {
    home = new TestHome(directory);
    template = home.template("t");
  }

  @AfterEach
  void close() throws IOException {
    home.close();
  }

  private void requireTemplateUntouched() throws IOException {
    assertThat(TestHome.sha256(template.disk())).isEqualTo(template.sha256());
  }

  private String info(Path disk) {
    return Oracle.named("qemu-img").run("info", "--backing-chain", disk).succeeds().out();
  }

  @Test
  void areOverlaysWithIdentitiesOfTheirOwn() throws IOException {
    List<CloneReport> made = home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2"));

    assertThat(made).extracting(c -> c.facts().name()).containsExactly("web1", "web2");
    for (CloneReport clone : made) {
      Clone facts = clone.facts();
      Path raw = home.requireSound(facts.disk(), "qcow2");
      assertThat(TestHome.cat(raw, "/etc/hostname")).isEqualTo(facts.name() + "\n");
      assertThat(TestHome.cat(raw, "/etc/hosts")).contains(facts.name());
      for (Clone.HostKey key : facts.hostKeys()) {
        String file = key.type().equals("ssh-ed25519") ? "ed25519" : "ecdsa";
        assertThat(TestHome.cat(raw, "/etc/ssh/ssh_host_%s_key.pub".formatted(file)))
            .startsWith(key.publicKey());
      }
      assertThat(info(facts.disk()))
          .contains("backing file: t.v1.qcow2 (actual path: " + template.disk() + ")")
          .contains("backing file format: qcow2");
    }
    assertThat(made.getFirst().facts().hostKeys())
        .doesNotContainAnyElementsOf(made.getLast().facts().hostKeys());
    requireTemplateUntouched();
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void areIndependentWhenFull() throws IOException {
    Clone made = home.make(TestHome.clones("t", Clone.Kind.FULL, "db")).getFirst().facts();

    assertThat(info(made.disk())).doesNotContain("backing");
    Path raw = home.requireSound(made.disk(), "qcow2");
    assertThat(TestHome.cat(raw, "/etc/hostname")).isEqualTo("db\n");
    requireTemplateUntouched();
  }

  @Test
  void growLinkedAndFullButNeverShrink() throws IOException {
    long larger = TEMPLATE_SIZE + (100L << 20);
    for (Clone.Kind kind : Clone.Kind.values()) {
      String name = "grown-" + kind;
      CloneRequest request = TestHome.clones("t", kind, name);
      refused(
          Kind.REFUSED,
          "smaller than its template",
          () -> home.make(TestHome.withSize(request, TEMPLATE_SIZE - 512)));

      Clone made = home.make(TestHome.withSize(request, larger)).getFirst().facts();

      Path raw = home.requireSound(made.disk(), "qcow2");
      assertThat(Files.size(raw)).isEqualTo(larger);
      Oracle.named("sgdisk").run("-v", raw).succeeds().says("No problems found");
      String table = Oracle.named("partx").run("-gbo", "SIZE", "-n", "3", raw).succeeds().out();
      assertThat(Long.parseLong(table.strip())).isGreaterThan(larger - (20L << 20));
      assertThat(home.calco.clones().reset(name, JobContext.SILENT).facts().virtualSize())
          .isEqualTo(larger);
      home.requireSound(made.disk(), "qcow2");
    }
    requireTemplateUntouched();
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void lieWhereAskedAndNameTheirTemplateAsAsked() throws IOException {
    Path real = Files.createDirectories(directory.resolve("a/deep/place"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    List<CloneRequest> requests =
        List.of(
            TestHome.in(
                TestHome.clones("t", Clone.Kind.LINKED, "relative"), real, BackingPath.RELATIVE),
            TestHome.in(
                TestHome.clones("t", Clone.Kind.LINKED, "absolute"), real, BackingPath.ABSOLUTE),
            TestHome.in(
                TestHome.clones("t", Clone.Kind.LINKED, "through"), link, BackingPath.RELATIVE));
    for (CloneRequest request : requests) {
      Clone made = home.make(request).getFirst().facts();
      assertThat(made.disk()).isRegularFile();
      String info = info(made.disk());
      assertThat(info).contains("backing file format: qcow2");
      assertThat(info.contains("backing file: /"))
          .isEqualTo(request.backingPath() == BackingPath.ABSOLUTE);
      home.requireSound(made.disk(), "qcow2");
    }
    assertThat(home.findings()).isEmpty();
    home.calco.clones().flatten("through", JobContext.SILENT);
    home.calco.clones().reset("relative", JobContext.SILENT);
    home.requireSound(real.resolve("through.qcow2"), "qcow2");
    home.requireSound(real.resolve("relative.qcow2"), "qcow2");
    for (String name : List.of("relative", "absolute", "through")) {
      home.calco.clones().delete(name);
    }
    assertThat(real).isEmptyDirectory();
    assertThat(home.files()).containsExactly("t.v1.qcow2");
  }

  @Test
  void areAllMadeOrNone() throws IOException {
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web2"));
    Files.writeString(home.pool().resolve("web3.qcow2"), "somebody's");

    refused(
        Kind.REFUSED,
        "there is a clone web2 already",
        () -> home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2")));
    refused(
        Kind.REFUSED,
        "exists already",
        () -> home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web3")));
    refused(
        Kind.USAGE,
        "web1",
        () -> home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web1")));
    refused(
        Kind.NOT_FOUND,
        "no template u",
        () -> home.make(TestHome.clones("u", Clone.Kind.LINKED, "web1")));

    assertThat(home.files())
        .containsExactly("first/web2.qcow2", "t.v1.qcow2", "web2.qcow2", "web3.qcow2");
    assertThat(Files.readString(home.pool().resolve("web3.qcow2"))).isEqualTo("somebody's");
    assertThat(home.findings()).hasSize(1).first().asString().contains("web3.qcow2");
  }

  @Test
  void goBackToTheirFirstStateWithTheSameIdentity() throws IOException {
    for (Clone.Kind kind : Clone.Kind.values()) {
      String name = "c-" + kind;
      Clone made = home.make(TestHome.clones("t", kind, name)).getFirst().facts();
      Oracle qemuImg = Oracle.named("qemu-img");
      Path before = directory.resolve(name + ".before");
      qemuImg.run("convert", "-O", "raw", made.disk(), before).succeeds();
      Oracle.named("qemu-io")
          .run("-c", "write -P 0x5a 20M 5M", "-c", "write -z 40M 4M", made.disk())
          .succeeds();
      qemuImg.run("compare", "-f", "raw", "-F", "qcow2", before, made.disk()).exits(1);

      Clone reset = home.calco.clones().reset(name, JobContext.SILENT).facts();

      assertThat(reset).isEqualTo(made);
      qemuImg.run("compare", "-f", "raw", "-F", "qcow2", before, made.disk()).succeeds();
      home.requireSound(made.disk(), "qcow2");
    }
    Files.delete(home.pool().resolve("c-LINKED.qcow2"));
    home.calco.clones().reset("c-LINKED", JobContext.SILENT);
    requireTemplateUntouched();
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void becomeIndependentAsTheyAre() throws IOException {
    Clone made = home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1")).getFirst().facts();
    Oracle.named("qemu-io").run("-c", "write -P 0x5a 20M 5M", made.disk()).succeeds();
    Path before = directory.resolve("before.raw");
    Oracle qemuImg = Oracle.named("qemu-img");
    qemuImg.run("convert", "-O", "raw", made.disk(), before).succeeds();

    Clone flat = home.calco.clones().flatten("web1", JobContext.SILENT).facts();

    assertThat(flat.linked()).isFalse();
    assertThat(info(flat.disk())).doesNotContain("backing");
    qemuImg.run("compare", "-f", "raw", "-F", "qcow2", before, flat.disk()).succeeds();
    assertThat(home.findings()).isEmpty();
    home.calco.clones().reset("web1", JobContext.SILENT);
    assertThat(info(flat.disk())).doesNotContain("backing");
    Path raw = home.requireSound(flat.disk(), "qcow2");
    assertThat(TestHome.cat(raw, "/etc/hostname")).isEqualTo("web1\n");
  }

  @Test
  void areLeftAloneWhileAMachineRunsOnThem() throws IOException {
    Path disk =
        home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1")).getFirst().facts().disk();
    String before = TestHome.sha256(disk);
    Process qemu = TestHome.hold(disk);
    try {
      Clones clones = home.calco.clones();
      refused(Kind.REFUSED, "in use", () -> clones.reset("web1", JobContext.SILENT));
      refused(Kind.REFUSED, "in use", () -> clones.flatten("web1", JobContext.SILENT));
      refused(Kind.REFUSED, "in use", () -> clones.delete("web1"));
      // Others may be made meanwhile: a running clone only reads the template's disk.
      home.make(TestHome.clones("t", Clone.Kind.LINKED, "web2"));
    } finally {
      ProcessEnd.kill(qemu);
    }
    assertThat(TestHome.sha256(disk)).isEqualTo(before);
    home.calco.clones().delete("web1");
    assertThat(home.files()).containsExactly("first/web2.qcow2", "t.v1.qcow2", "web2.qcow2");
  }

  @Test
  void areFoundBrokenByTheDoctor() throws IOException {
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2", "web3", "web4"));
    Files.delete(home.pool().resolve("web1.qcow2"));
    Files.writeString(home.pool().resolve("web2.qcow2"), "no image");
    Oracle.named("qemu-img")
        .run("rebase", "-u", "-b", "", home.pool().resolve("web3.qcow2"))
        .succeeds();
    Files.delete(home.calco.home().first().resolve("web4.qcow2"));

    List<Doctor.Finding> findings = home.findings();

    assertThat(findings)
        .extracting(Doctor.Finding::subject)
        .containsExactly("clone web1", "clone web2", "clone web3", "clone web4");
    assertThat(findings).allSatisfy(finding -> assertThat(finding.advice()).isNotEmpty());
  }

  @Test
  void ofOneNameAreMadeByOneOfTwo() throws Exception {
    List<OperationException> losers = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      String name = "web" + round;
      Callable<List<CloneReport>> make =
          () -> {
            try (Calco other = Calco.open(home.calco.home())) {
              return other
                  .clones()
                  .create(TestHome.clones("t", Clone.Kind.LINKED, name), JobContext.SILENT);
            }
          };
      int winners = 0;
      try (var threads = Executors.newFixedThreadPool(2)) {
        for (Future<List<CloneReport>> run : threads.invokeAll(List.of(make, make))) {
          try {
            winners += run.get().size();
          } catch (java.util.concurrent.ExecutionException e) {
            losers.add(OperationException.of(e.getCause()));
          }
        }
      }
      assertThat(winners).isEqualTo(1);
    }
    assertThat(losers).allSatisfy(e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
    assertThat(home.files()).hasSize(11);
    assertThat(home.findings()).isEmpty();
  }
}
