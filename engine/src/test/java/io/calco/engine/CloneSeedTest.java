package io.calco.engine;

import static io.calco.engine.TemplatesTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Clone;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.seed.Seed;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The discs beside clones' disks: there with their clone, and gone with it.
class CloneSeedTest {
  @TempDir private Path directory;
  private TestHome home;

  @BeforeEach
  void open() throws IOException {
    home = new TestHome(directory);
    home.template("t");
  }

  @AfterEach
  void close() throws IOException {
    home.close();
  }

  private List<CloneReport> make(Seed.Form form, Clone.Kind kind, String... names)
      throws IOException {
    return home.make(TestHome.seeded(TestHome.clones("t", kind, names), form));
  }

  @Test
  void comeAndGoWithTheirClones() throws IOException {
    List<String> before = home.files();
    List<CloneReport> made = make(Seed.Form.NOCLOUD, Clone.Kind.LINKED, "web1", "web2");
    make(Seed.Form.CONFIGDRIVE, Clone.Kind.FULL, "db");

    for (CloneReport clone : made) {
      Path disc = clone.seed().orElseThrow();
      assertThat(disc).isEqualTo(home.pool().resolve(clone.facts().name() + "-seed.iso"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(disc)))
          .isEqualTo("rw-------");
      assertThat(Oracle.named("isoinfo").run("-R", "-i", disc, "-x", "/meta-data").succeeds().out())
          .contains(clone.facts().id(), clone.facts().name());
    }
    assertThat(home.calco.clones().show("db").seed()).isPresent();
    assertThat(home.findings()).isEmpty();

    for (String name : List.of("web1", "web2", "db")) {
      home.calco.clones().delete(name);
    }
    assertThat(home.files()).isEqualTo(before);
  }

  @Test
  void neverTakeThePlaceOfAnotherFile() throws IOException {
    Path other = Files.writeString(home.pool().resolve("web2-seed.iso"), "mine");
    List<String> before = home.files();

    refused(
        Kind.REFUSED,
        "exists already",
        () -> make(Seed.Form.NOCLOUD, Clone.Kind.LINKED, "web1", "web2"));

    assertThat(home.files()).isEqualTo(before);
    assertThat(home.calco.clones().list()).isEmpty();
    home.make(TestHome.clones("t", Clone.Kind.LINKED, "web2"));
    assertThat(home.calco.clones().show("web2").seed()).isEmpty();
    assertThat(home.findings()).extracting(Doctor.Finding::subject).contains(other.toString());
    home.calco.clones().delete("web2");
    assertThat(other).hasContent("mine");
  }

  @Test
  void lieBesideTheDiskWhereverThatIs() throws IOException {
    Path lab = directory.resolve("lab");
    CloneRequest request = TestHome.clones("t", Clone.Kind.LINKED, "usb1");
    CloneReport made =
        home.make(
                TestHome.seeded(
                    TestHome.in(request, lab, BackingPath.ABSOLUTE), Seed.Form.CONFIGDRIVE))
            .getFirst();

    assertThat(made.seed()).contains(lab.toRealPath().resolve("usb1-seed.iso"));
    home.calco.clones().delete("usb1");
    assertThat(lab).isEmptyDirectory();
  }
}
