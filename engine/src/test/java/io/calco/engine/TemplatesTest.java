package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.Clone;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates.Created;
import io.calco.engine.Templates.Dependents;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of templates, on the demo's disk.
class TemplatesTest {
  @TempDir private Path directory;
  private TestHome home;

  @BeforeEach
  void open() throws IOException {
    home = new TestHome(directory);
  }

  @AfterEach
  void close() throws IOException {
    home.close();
  }

  static void refused(Kind kind, String words, ThrowingCallable what) {
    assertThatThrownBy(what)
        .satisfies(failure -> {
          OperationException told = OperationException.of(failure);
          assertThat(told.kind()).as(told.toString()).isEqualTo(kind);
          assertThat(told.getMessage()).contains(words);
        });
  }

  @Test
  void isACopyThatIsGeneralisedAndSealedAndLeavesItsSourceAlone() throws IOException {
    String before = TestHome.sha256(home.disk);

    TemplateReport made = home.template("debian12");

    assertThat(TestHome.sha256(home.disk)).isEqualTo(before);
    assertThat(made.disk()).isEqualTo(home.pool().resolve("debian12.v1.qcow2"));
    assertThat(made.sha256()).isEqualTo(TestHome.sha256(made.disk()));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.disk())))
        .isEqualTo("r--r--r--");
    assertThat(made.sealed()).isTrue();
    Path raw = home.requireSound(made.disk(), "qcow2");
    assertThat(TestHome.cat(raw, "/etc/machine-id")).isEmpty();
    assertThat(TestHome.cat(raw, "/root/.bash_history")).doesNotContain("secreto");
    assertThat(home.files()).containsExactly("debian12.v1.qcow2");
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void doesWhatItsPreviewSaidAndThePreviewDoesNothing() throws IOException {
    String before = TestHome.sha256(home.disk);
    GeneraliseOptions how = GeneraliseOptions.defaults();
    Generalisation would =
        Generalisation.preview(home.disk, GuestOptions.of(ImageOptions.reading()), how);
    assertThat(TestHome.sha256(home.disk)).isEqualTo(before);
    assertThat(home.files()).isEmpty();

    TemplateRequest request =
        new TemplateRequest(home.disk, ImageOptions.reading(), Placement.POOL_COPY, how);
    Created done = home.calco.templates().create("t", request, JobContext.SILENT);

    assertThat(done.generalisation().plan().changes().toString())
        .isEqualTo(would.plan().changes().toString());
    assertThat(would.plan().changes()).isNotEmpty();
    assertThat(
            Generalisation.preview(
                    done.template().disk(), GuestOptions.of(ImageOptions.reading()), how)
                .plan()
                .changes())
        .isEmpty();
  }

  @Test
  void sealsTheDiskItselfInPlace() throws IOException {
    TemplateRequest request = home.request(home.disk, Placement.IN_PLACE);

    TemplateReport made = home.calco.templates().create("t", request, JobContext.SILENT).template();

    assertThat(made.disk()).isEqualTo(home.disk.toRealPath());
    assertThat(home.files()).isEmpty();
    home.requireSound(made.disk(), "qcow2");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1"));
    home.requireSound(home.pool().resolve("web1.qcow2"), "qcow2");
    refused(
        Kind.REFUSED,
        "sealed disk of a template",
        () -> home.calco.templates().create("u", request, JobContext.SILENT));

    home.calco.templates().delete("t", Dependents.DELETE, JobContext.SILENT);

    assertThat(Files.isWritable(home.disk)).isTrue();
    assertThat(home.files()).isEmpty();
  }

  @Test
  void refusesToSealAnOverlayInPlaceWhoseBackingImageCouldChange() throws IOException {
    Path overlay = directory.resolve("overlay.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", home.disk, overlay)
        .succeeds();
    String before = TestHome.sha256(overlay);

    refused(
        Kind.REFUSED,
        "backing image",
        () ->
            home.calco
                .templates()
                .create("t", home.request(overlay, Placement.IN_PLACE), JobContext.SILENT));

    assertThat(TestHome.sha256(overlay)).isEqualTo(before);
    TemplateReport copied =
        home.calco
            .templates()
            .create("t", home.request(overlay, Placement.POOL_COPY), JobContext.SILENT)
            .template();
    home.requireSound(copied.disk(), "qcow2");
    assertThat(Oracle.named("qemu-img").run("info", copied.disk()).succeeds().out())
        .doesNotContain("backing file");
  }

  @Test
  void refusesADiskThatIsInUse() throws IOException {
    Process qemu = TestHome.hold(home.disk);
    try {
      refused(Kind.REFUSED, "in use", () -> home.template("t"));
    } finally {
      ProcessEnd.kill(qemu);
    }
    assertThat(home.files()).isEmpty();
    home.template("t");
  }

  @Test
  void refusesNamesThatAreTakenOrImpossible() throws IOException {
    home.template("t");

    refused(Kind.REFUSED, "there is a template t already", () -> home.template("t"));
    for (String name : new String[] {"", ".", "..", "a/b", "-x", "a b", "x".repeat(64), "a\nb"}) {
      refused(Kind.USAGE, "name", () -> home.template(name));
    }
    refused(
        Kind.NOT_FOUND, "no template u", () -> home.calco.templates().show("u", Optional.empty()));
    refused(Kind.NOT_FOUND, "no version 2", () -> home.calco.templates().show("t", Optional.of(2)));
    assertThat(home.files()).containsExactly("t.v1.qcow2");
  }

  @Test
  void leavesNothingWhenTheDiskHoldsNoMachine() throws IOException {
    Path empty = directory.resolve("empty.raw");
    Oracle.named("truncate").run("-s", "4M", empty).succeeds();
    Files.delete(home.disk);
    Files.move(empty, home.disk);

    assertThatThrownBy(() ->
            home.calco
                .templates()
                .create(
                    "t",
                    new TemplateRequest(
                        home.disk,
                        ImageOptions.reading().withFormat("raw"),
                        Placement.POOL_COPY,
                        GeneraliseOptions.defaults()),
                    JobContext.SILENT))
        .isInstanceOf(Exception.class);

    assertThat(home.files()).isEmpty();
    assertThat(home.calco.templates().list()).isEmpty();
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void getsANextVersionFromAChangedCloneAndOldClonesStay() throws IOException {
    TemplateReport first = home.template("t");
    Path elsewhere = directory.resolve("elsewhere");
    home.make(
        TestHome.in(
            TestHome.clones("t", Clone.Kind.LINKED, "web1"), elsewhere, BackingPath.RELATIVE));
    TemplateRequest request = home.request(elsewhere.resolve("web1.qcow2"), Placement.POOL_COPY);

    TemplateReport second =
        home.calco.templates().update("t", request, JobContext.SILENT).template();
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web2"));

    assertThat(second.version()).isEqualTo(2);
    assertThat(TestHome.sha256(first.disk())).isEqualTo(first.sha256());
    assertThat(home.calco.clones().show("web1").facts().templateVersion()).isEqualTo(1);
    assertThat(home.calco.clones().show("web2").facts().templateVersion()).isEqualTo(2);
    home.requireSound(second.disk(), "qcow2");
    home.requireSound(home.pool().resolve("web2.qcow2"), "qcow2");
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void keepsItsClonesWhenRenamed() throws IOException {
    home.template("t");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1"));

    home.calco.templates().rename("t", "u");

    assertThat(home.calco.clones().show("web1").facts().template()).isEqualTo("u");
    home.template("t");
    refused(Kind.REFUSED, "t", () -> home.calco.templates().rename("u", "t"));
    home.calco.clones().reset("web1", JobContext.SILENT);
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void isNotDeletedUnderItsLinkedClones() throws IOException {
    TemplateReport made = home.template("t");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2"));
    home.make(TestHome.clones("t", Clone.Kind.FULL, "db"));

    refused(
        Kind.REFUSED,
        "2 linked clones rest on it: web1, web2",
        () -> home.calco.templates().delete("t", Dependents.REFUSE, JobContext.SILENT));
    assertThat(made.disk()).exists();

    home.calco.templates().delete("t", Dependents.FLATTEN, JobContext.SILENT);

    assertThat(made.disk()).doesNotExist();
    for (String name : new String[] {"web1", "web2", "db"}) {
      assertThat(home.calco.clones().show(name).facts().linked()).isFalse();
      Path raw = home.requireSound(home.pool().resolve(name + ".qcow2"), "qcow2");
      assertThat(TestHome.cat(raw, "/etc/hostname")).isEqualTo(name + "\n");
    }
    assertThat(home.findings()).isEmpty();
    refused(
        Kind.REFUSED,
        "template is deleted",
        () -> home.calco.clones().reset("web1", JobContext.SILENT));
  }

  @Test
  void goesWithItsLinkedClonesWhenAskedTo() throws IOException {
    home.template("t");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2"));
    home.make(TestHome.clones("t", Clone.Kind.FULL, "db"));

    home.calco.templates().delete("t", Dependents.DELETE, JobContext.SILENT);

    assertThat(home.calco.clones().list())
        .extracting(clone -> clone.facts().name())
        .containsExactly("db");
    assertThat(home.files()).contains("db.qcow2").doesNotContain("web1.qcow2", "t.v1.qcow2");
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void keepsAllOfItWhenACloneToBeDeletedIsInUse() throws IOException {
    TemplateReport made = home.template("t");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2"));
    Process qemu = TestHome.hold(home.pool().resolve("web2.qcow2"));
    try {
      refused(
          Kind.REFUSED,
          "in use",
          () -> home.calco.templates().delete("t", Dependents.DELETE, JobContext.SILENT));
    } finally {
      ProcessEnd.kill(qemu);
    }
    assertThat(made.disk()).exists();
    assertThat(home.calco.clones().list()).hasSize(2);
    assertThat(home.findings()).isEmpty();
  }

  @Test
  void namesWhoSuffersFromABrokenSeal() throws IOException {
    TemplateReport made = home.template("t");
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1", "web2"));
    home.make(TestHome.clones("t", Clone.Kind.FULL, "db"));
    byte[] sealed = Files.readAllBytes(made.disk());
    var modified = Files.getLastModifiedTime(made.disk());
    TestHome.unlock(made.disk());

    Files.setPosixFilePermissions(made.disk(), PosixFilePermissions.fromString("rw-r--r--"));
    expectFinding("writable");

    byte[] flipped = sealed.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(made.disk(), flipped);
    expectFinding("SHA-256");
    refused(
        Kind.CORRUPT,
        "template t, version 1",
        () -> home.make(TestHome.clones("t", Clone.Kind.LINKED, "web3")));
    refused(
        Kind.CORRUPT,
        "template t, version 1",
        () -> home.calco.clones().reset("web1", JobContext.SILENT));
    // The time put back hides it from a quick look, never from a full one.
    Files.setLastModifiedTime(made.disk(), modified);
    expectFinding("SHA-256");

    Files.write(made.disk(), java.util.Arrays.copyOf(sealed, sealed.length - 1));
    expectFinding("truncated");

    Files.write(made.disk(), sealed);
    Files.setLastModifiedTime(made.disk(), modified);
    Files.setPosixFilePermissions(made.disk(), PosixFilePermissions.fromString("r--r--r--"));
    assertThat(home.findings()).isEmpty();

    Path moved = Files.move(made.disk(), made.disk().resolveSibling("moved.qcow2"));
    expectFinding("missing");
    assertThat(home.findings().toString()).contains("mv " + moved);
    Files.delete(moved);
    expectFinding("missing");
  }

  private void expectFinding(String words) throws IOException {
    var verification =
        home.calco.templates().verify("t", Optional.empty(), JobContext.SILENT).getFirst();
    assertThat(verification.problems()).isNotEmpty();
    assertThat(verification.problems().toString()).contains(words);
    assertThat(verification.suffers()).containsExactly("web1", "web2");
    assertThat(home.findings())
        .anySatisfy(finding -> {
          assertThat(finding.problem()).contains(words);
          assertThat(finding.suffers()).containsExactly("web1", "web2");
        });
  }

  @Test
  void followsReferencesOnlyWhereItMay() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Path base = Files.move(home.disk, outside.resolve("base.qcow2"));
    Path overlay = inside.resolve("vm.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, overlay)
        .succeeds();

    refused(
        Kind.DENIED,
        "--allow " + outside,
        () ->
            home.calco
                .templates()
                .create("t", home.request(overlay, Placement.POOL_COPY), JobContext.SILENT));
    assertThat(home.files()).isEmpty();

    ImageOptions allowed = ImageOptions.reading().with(OpenPolicy.ownDirectory().allowing(outside));
    TemplateRequest request =
        new TemplateRequest(overlay, allowed, Placement.POOL_COPY, GeneraliseOptions.defaults());
    home.calco.templates().create("t", request, JobContext.SILENT);
    home.requireSound(home.pool().resolve("t.v1.qcow2"), "qcow2");
  }
}
