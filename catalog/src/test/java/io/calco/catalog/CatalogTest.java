package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  @TempDir Path dir;
  private Catalog catalog;
  private TemplateVersion version;

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
    version = catalog.addVersion("debian12", Fixtures.version(1, "/pool/debian12-1.raw"));
  }

  @AfterEach
  void close() throws IOException {
    catalog.close();
  }

  @Test
  void givesBackWhatItWasGiven() throws IOException {
    Template template = catalog.findTemplate("debian12").orElseThrow();
    assertThat(version.templateId()).isEqualTo(template.id());
    NewVersion given = Fixtures.version(1, "/pool/debian12-1.raw");
    assertThat(version)
        .usingRecursiveComparison()
        .ignoringFields("id", "templateId", "sealedAt")
        .isEqualTo(given);
    Clone web1 = Fixtures.linked("web1", version);
    Clone web2 = Fixtures.full("web2", version);
    catalog.addClones(List.of(web2, web1));
    Job job =
        catalog.beginJob("clone create web3", "me-1-2", List.of(Path.of("/b"), Path.of("/a")));

    catalog.close();
    catalog = Catalog.open(dir);
    assertThat(catalog.templates()).containsExactly(template);
    assertThat(catalog.versions(template)).containsExactly(version);
    assertThat(catalog.findVersion(version.id())).contains(version);
    assertThat(catalog.clones()).containsExactly(web1, web2);
    assertThat(catalog.findClone("web2")).contains(web2);
    assertThat(catalog.jobs()).containsExactly(job);
    catalog.endJob(job);
    assertThat(catalog.jobs()).isEmpty();
    assertThat(catalog.findTemplate("none")).isEmpty();
    assertThat(catalog.findClone("none")).isEmpty();
    assertThat(catalog.findVersion("none")).isEmpty();
  }

  @Test
  void knowsTheLineage() throws IOException {
    TemplateVersion second =
        catalog.addVersion("debian12", Fixtures.version(2, "/pool/debian12-2.raw"));
    TemplateVersion other = catalog.addVersion("alpine", Fixtures.version(1, "/pool/alpine.raw"));
    Clone web1 = Fixtures.linked("web1", version);
    Clone web2 = Fixtures.linked("web2", second);
    Clone old = Fixtures.full("old", other);
    catalog.addClones(List.of(web2, web1, old));
    Template debian = catalog.findTemplate("debian12").orElseThrow();
    assertThat(catalog.clonesOf(version)).containsExactly(web1);
    assertThat(catalog.clonesOf(second)).containsExactly(web2);
    assertThat(catalog.versions(debian)).containsExactly(version, second);
    assertThat(catalog.allVersions()).containsExactlyInAnyOrder(version, second, other);

    catalog.deleteTemplate(catalog.findTemplate("alpine").orElseThrow());
    assertThat(catalog.templates()).containsExactly(debian);
    assertThat(catalog.findClone("old").orElseThrow().versionId()).isEmpty();
    assertThat(catalog.knowsDisk(web1.disk())).isTrue();
    assertThat(catalog.knowsDisk(version.disk())).isTrue();
    assertThat(catalog.knowsDisk(other.disk())).isFalse();
  }

  @Test
  void refusesWhatIsTaken() throws IOException {
    assertThatThrownBy(() -> catalog.addVersion("debian12", Fixtures.version(1, "/pool/x.raw")))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("there is a template debian12 already");
    catalog.addVersion("debian12", Fixtures.version(2, "/pool/x.raw"));
    assertThatThrownBy(() -> catalog.addVersion("debian12", Fixtures.version(2, "/pool/y.raw")))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("template debian12 has a version 2 already");
    assertThatThrownBy(() -> catalog.addVersion("new", Fixtures.version(1, "/pool/x.raw")))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("/pool/x.raw: is a template's disk already");
    assertThat(catalog.findTemplate("new")).isEmpty();

    catalog.addClones(List.of(Fixtures.linked("web1", version)));
    assertThatThrownBy(() ->
            catalog.addClones(
                List.of(Fixtures.linked("web0", version), Fixtures.linked("web1", version))))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("there is a clone web1 already");
    assertThat(catalog.findClone("web0")).isEmpty();
  }

  @Test
  void refusesWhatIsGone() throws IOException {
    Template template = catalog.findTemplate("debian12").orElseThrow();
    Clone clone = Fixtures.full("web1", version);
    catalog.deleteTemplate(template);
    for (ThrowingCallable change :
        List.<ThrowingCallable>of(
            () -> catalog.deleteTemplate(template),
            () -> catalog.renameTemplate(template, "other"),
            () -> catalog.addVersion("debian12", Fixtures.version(2, "/pool/2.raw")),
            () -> catalog.addClones(List.of(clone)),
            () -> catalog.markFull(clone),
            () -> catalog.deleteClone(clone))) {
      assertThatThrownBy(change).isInstanceOf(CatalogException.Gone.class);
    }
    assertThatThrownBy(() -> catalog.addVersion("../x", Fixtures.version(1, "/pool/2.raw")))
        .isInstanceOf(CatalogException.InvalidName.class);
  }

  @Test
  void deletesNoTemplateThatLinkedClonesRestOn() throws IOException {
    Template template = catalog.findTemplate("debian12").orElseThrow();
    Clone web1 = Fixtures.linked("web1", version);
    catalog.addClones(List.of(Fixtures.linked("web2", version), web1, Fixtures.full("f", version)));
    assertThatThrownBy(() -> catalog.deleteTemplate(template))
        .isInstanceOf(CatalogException.InUse.class)
        .hasMessage("linked clones rest on template debian12: web1, web2");
    assertThat(catalog.versions(template)).containsExactly(version);

    catalog.deleteClone(web1);
    catalog.renameTemplate(template, "renamed");
    Clone web2 = catalog.findClone("web2").orElseThrow();
    assertThat(web2.template()).isEqualTo("renamed");
    catalog.markFull(web2);
    catalog.deleteTemplate(template);
    Clone left = catalog.findClone("web2").orElseThrow();
    assertThat(left.versionId()).isEmpty();
    assertThat(left.template()).isEqualTo("renamed");
    assertThat(left.hostKeys()).isEqualTo(web2.hostKeys());
  }

  @Test
  void theDatabaseItselfHoldsTheRules() throws IOException {
    catalog.addClones(List.of(Fixtures.linked("web1", version)));
    for (String sql :
        List.of(
            "delete from template_version",
            "delete from template",
            "update clone set version_id = null",
            "update clone set version_id = 'none'",
            "update clone set kind = 'other'",
            "update clone set name = null",
            "update clone set virtual_size = -1",
            "update template_version set version = 0",
            "update template_version set sha256 = ''",
            "insert into clone_host_key values ('none', 0, 't', 'f', 'k')",
            "insert into job_file values ('none', 0, 'f')")) {
      try (Database raw = Database.open(dir.resolve(Catalog.FILE))) {
        assertThatThrownBy(() -> raw.write(() -> raw.update(sql)))
            .as(sql)
            .isInstanceOf(CatalogException.class)
            .hasMessageContaining("constraint");
      }
    }
    assertThat(catalog.clones()).hasSize(1);
  }

  @Test
  void transactionsAreAllOrNothing() throws IOException {
    Job job = catalog.beginJob("clone create web1", "me", List.of(Path.of("/pool/web1.qcow2")));
    Clone web1 = Fixtures.linked("web1", version);
    assertThatThrownBy(() ->
            catalog.inTransaction(() -> {
              catalog.addClones(List.of(web1));
              catalog.endJob(job);
              throw new IOException("stop");
            }))
        .hasMessage("stop");
    assertThat(catalog.clones()).isEmpty();
    assertThat(catalog.jobs()).containsExactly(job);

    catalog.inTransaction(() -> {
      assertThatThrownBy(() -> catalog.addVersion("x", Fixtures.version(1, "/pool/debian12-1.raw")))
          .isInstanceOf(CatalogException.Taken.class);
      catalog.addClones(List.of(web1));
      catalog.endJob(job);
    });
    assertThat(catalog.findTemplate("x")).isEmpty();
    assertThat(catalog.clones()).containsExactly(web1);
    assertThat(catalog.jobs()).isEmpty();
  }

  private static Classroom classroom(String name, TemplateVersion version) {
    return new Classroom(
        Catalog.newId(),
        name,
        "2-asir-",
        Optional.of(version.id()),
        OptionalLong.of(5),
        Duration.ofMillis(1500),
        Moments.now());
  }

  @Test
  void classesKeepTheirSeats() throws IOException {
    ClassRecords classes = catalog.classes();
    Clone web1 = Fixtures.linked("web1", version);
    Clone web2 = Fixtures.linked("web2", version);
    catalog.addClones(List.of(web1, web2));
    Classroom asir = classroom("2-ASIR", version);
    classes.add(asir);
    classes.seat(asir, 2, web1);
    classes.seat(asir, 1, web2);
    Classroom dam = classroom("1-DAM", version);
    classes.add(dam);
    assertThat(classes.all()).containsExactly(dam, asir);
    assertThat(classes.find("2-ASIR")).contains(asir);
    assertThat(classes.find("none")).isEmpty();
    assertThat(classes.places(asir))
        .containsExactly(new Classroom.Place(1, web2), new Classroom.Place(2, web1));
    assertThat(classes.places(dam)).isEmpty();
    assertThatThrownBy(() -> classes.add(classroom("1-DAM", version)))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("there is a class 1-DAM already");
    assertThatThrownBy(() -> classes.add(classroom("1 DAM", version)))
        .isInstanceOf(CatalogException.InvalidName.class);
    assertThatThrownBy(() -> classes.seat(asir, 1, Fixtures.linked("web3", version)))
        .isInstanceOf(IOException.class);

    Classroom changed = asir.with(OptionalLong.empty(), Duration.ZERO);
    classes.update(changed);
    assertThat(classes.find("2-ASIR")).contains(changed);
    catalog.deleteClone(web2);
    assertThat(classes.places(asir)).containsExactly(new Classroom.Place(2, web1));
    catalog.deleteClone(web1);
    catalog.deleteTemplate(catalog.findTemplate("debian12").orElseThrow());
    assertThat(classes.find("1-DAM").orElseThrow().versionId()).isEmpty();
    classes.delete(dam);
    assertThat(classes.all()).extracting(Classroom::name).containsExactly("2-ASIR");
    assertThatThrownBy(() -> classes.delete(dam)).isInstanceOf(CatalogException.Gone.class);
    assertThatThrownBy(() -> classes.update(dam)).isInstanceOf(CatalogException.Gone.class);
  }

  @Test
  void aClassThatIsDeletedLeavesItsClones() throws IOException {
    Clone web1 = Fixtures.linked("web1", version);
    catalog.addClones(List.of(web1));
    Classroom asir = classroom("2-ASIR", version);
    catalog.classes().add(asir);
    catalog.classes().seat(asir, 1, web1);
    catalog.classes().delete(asir);
    assertThat(catalog.classes().places(asir)).isEmpty();
    assertThat(catalog.clones()).containsExactly(web1);
  }
}
