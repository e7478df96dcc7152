package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogFileTest {
  @TempDir Path dir;

  @Test
  void makesWhatIsMissingForItsUserAlone() throws IOException {
    Path home = dir.resolve("a/b");
    assertThat(Catalog.find(home)).isEmpty();
    assertThat(Files.exists(home)).isFalse();
    Catalog.open(home).close();
    assertThat(permissions(dir.resolve("a"))).isEqualTo("rwx------");
    assertThat(permissions(home)).isEqualTo("rwx------");
    assertThat(permissions(home.resolve(Catalog.FILE))).isEqualTo("rw-------");
    try (Catalog found = Catalog.find(home).orElseThrow()) {
      assertThat(found.templates()).isEmpty();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void refusesANewerCalcosDatabase() throws IOException {
    Catalog.open(dir).close();
    try (Database raw = Database.open(dir.resolve(Catalog.FILE))) {
      raw.write(() ->
          raw.update(
              "insert into flyway_schema_history select 99, '99', description, type, script,"
                  + " checksum, installed_by, installed_on, execution_time, success"
                  + " from flyway_schema_history where version = '1'"));
    }
    assertThatThrownBy(() -> Catalog.open(dir))
        .isInstanceOf(CatalogException.Newer.class)
        .hasMessageContaining(
            "calco.db: was written by a newer Calco (schema 99, this one knows up to %d)"
                .formatted(Schema.VERSION));
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    Path file = dir.resolve(Catalog.FILE);
    Files.writeString(
        file, "This is a text, and not a short one: SQLite looks at 100 bytes. ".repeat(9));
    assertUnusable("is not a SQLite database");

    Files.delete(file);
    try (Database raw = Database.open(file)) {
      raw.write(() -> raw.update("create table other (id text)"));
    }
    assertUnusable("is no catalogue of Calco");

    Files.delete(file);
    Files.createDirectory(file);
    assertUnusable("is not a plain file");
  }

  @Test
  void saysThatADatabaseIsDamaged() throws IOException {
    Path file = dir.resolve(Catalog.FILE);
    try (Catalog catalog = Catalog.open(dir)) {
      TemplateVersion version = catalog.addVersion("t", Fixtures.version(1, "/t"));
      for (int i = 0; i < 200; i++) {
        catalog.addClones(List.of(Fixtures.linked("c" + i, version)));
      }
    }
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] garbage = new byte[4096 - 100];
      java.util.Arrays.fill(garbage, (byte) 0x5a);
      for (long at = 4096; at < raw.length(); at += 4096) {
        raw.seek(at + 100);
        raw.write(garbage);
      }
    }
    assertThatThrownBy(
            () -> {
              try (Catalog catalog = Catalog.open(dir)) {
                catalog.clones();
              }
            })
        .isInstanceOf(CatalogException.Unusable.class)
        .hasMessageContaining("calco.db: the catalogue is damaged");
  }

  private void assertUnusable(String text) {
    assertThatThrownBy(() -> Catalog.open(dir))
        .isInstanceOf(CatalogException.Unusable.class)
        .hasMessageStartingWith(dir.resolve(Catalog.FILE) + ": ")
        .hasMessageContaining(text)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void knowsItsNewestMigration() throws IOException {
    Path migrations = Path.of("src/main/resources", Schema.MIGRATIONS);
    try (var files = Files.list(migrations)) {
      assertThat(files.map(f -> f.getFileName().toString()).toList())
          .allMatch(name -> name.matches("V\\d+__[a-z_0-9]+\\.sql"))
          .extracting(name -> Integer.parseInt(name.substring(1, name.indexOf("__"))))
          .contains(Schema.VERSION)
          .allMatch(number -> number <= Schema.VERSION);
    }
  }

  /// A database that version 1 of the schema was used for is kept for good.
  @Test
  void bringsADatabaseOfSchema1UpToDate() throws IOException {
    try (InputStream kept =
        Objects.requireNonNull(CatalogFileTest.class.getResourceAsStream("schema-1.db"))) {
      Files.copy(kept, dir.resolve(Catalog.FILE));
    }
    try (Catalog catalog = Catalog.open(dir)) {
      Template template = catalog.findTemplate("debian12").orElseThrow();
      assertThat(catalog.versions(template)).hasSize(2);
      assertThat(catalog.clones()).extracting(Clone::name).containsExactly("copy", "web1");
      Clone web1 = catalog.findClone("web1").orElseThrow();
      TemplateVersion version = catalog.versions(template).getFirst();
      assertThat(web1)
          .usingRecursiveComparison()
          .ignoringFields("id")
          .isEqualTo(Fixtures.linked("web1", version));
      assertThat(version)
          .usingRecursiveComparison()
          .ignoringFields("id", "templateId", "sealedAt")
          .isEqualTo(Fixtures.version(1, "/pool/1.raw"));
      assertThat(catalog.jobs()).hasSize(1);
    }
  }

  /// Makes the file that the test above keeps; for a new schema, under a new name.
  public static void main(String[] arguments) throws IOException {
    Path home = Files.createTempDirectory("catalog");
    try (Catalog catalog = Catalog.open(home)) {
      TemplateVersion version = catalog.addVersion("debian12", Fixtures.version(1, "/pool/1.raw"));
      catalog.addVersion("debian12", Fixtures.version(2, "/pool/2.raw"));
      catalog.addClones(List.of(Fixtures.linked("web1", version), Fixtures.full("copy", version)));
      catalog.beginJob("clone create web2", "me", List.of(Path.of("/pool/web2.qcow2")));
    }
    Files.move(home.resolve(Catalog.FILE), Path.of(arguments[0]));
  }
}
