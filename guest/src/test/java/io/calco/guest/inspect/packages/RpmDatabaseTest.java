package io.calco.guest.inspect.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.bytes.LittleEndian;
import io.calco.guest.MemoryFileSystem;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Databases that rpm and db_load made, compared with `rpm -qa`.
class RpmDatabaseTest {
  private static final String SQLITE = "/usr/lib/sysimage/rpm/rpmdb.sqlite";
  private static final String NDB = "/usr/lib/sysimage/rpm/Packages.db";
  private static final String BERKELEY = "/var/lib/rpm/Packages";

  @TempDir private static Path directory;
  private static RpmDatabases databases;

  @BeforeAll
  static void make() throws IOException {
    databases = RpmDatabases.make(directory);
  }

  private static InstalledPackages read(String path, byte[] database) {
    return InstalledPackages.of(new MemoryFileSystem().bytes(path, database).tree()).orElseThrow();
  }

  private static List<String> lines(InstalledPackages found) {
    assertThat(found.warnings()).isEmpty();
    assertThat(found.complete()).isTrue();
    return found.packages().stream()
        .map(p ->
            String.join(
                "|",
                p.name(),
                p.epoch().isPresent() ? p.epoch().getAsLong() + "" : "-",
                p.version(),
                p.release().orElseThrow(),
                p.architecture().orElse("(none)")))
        .toList();
  }

  @Test
  void sqliteHasWhatRpmFinds() throws IOException {
    InstalledPackages found = read(SQLITE, Files.readAllBytes(databases.sqlite()));
    assertThat(found.manager()).isEqualTo("rpm");
    assertThat(lines(found))
        .hasSize(103)
        .contains("calco-alpha|7|1.2|3|x86_64", "libbeta++|0|0~rc1|1.fc99|noarch")
        .containsExactlyInAnyOrderElementsOf(RpmDatabases.query(databases.sqlite(), "sqlite"));
    assertThat(found.packages().getFirst().fullVersion()).isEqualTo("7:1.2-3");
  }

  @Test
  void sqliteOfEveryPageSizeHasTheSame() throws IOException {
    List<String> expected = RpmDatabases.query(databases.sqlite(), "sqlite");
    for (int size = 512; size <= 65_536; size *= 4) {
      Path copy = directory.resolve("pages-" + size + "/rpmdb.sqlite");
      Files.createDirectory(copy.getParent());
      Files.copy(databases.sqlite(), copy);
      Oracle.named("sqlite3")
          .run(copy, "pragma journal_mode=delete; pragma page_size=%d; vacuum".formatted(size))
          .succeeds();
      byte[] database = Files.readAllBytes(copy);
      assertThat((database[16] & 0xFF) << 8 | database[17]).isEqualTo(size & 0xFFFF | size >> 16);
      assertThat(lines(read(SQLITE, database))).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void berkeleyHasWhatRpmFinds() throws IOException {
    assertThat(lines(read(BERKELEY, Files.readAllBytes(databases.berkeley()))))
        .containsExactlyInAnyOrderElementsOf(RpmDatabases.query(databases.berkeley(), "bdb_ro"));
  }

  @Test
  void ndbHasWhatIsInSqlite() throws IOException {
    List<String> expected = lines(read(SQLITE, Files.readAllBytes(databases.sqlite())));
    assertThat(lines(read(NDB, RpmDatabases.ndb(databases.headers())))).isEqualTo(expected);
  }

  @Test
  void aWriteAheadLogIsTold() throws IOException {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .bytes(SQLITE, Files.readAllBytes(databases.sqlite()))
            .file(SQLITE + "-wal", "changes");
    InstalledPackages found = InstalledPackages.of(fs.tree()).orElseThrow();
    assertThat(found.packages()).hasSize(103);
    assertThat(found.warnings())
        .containsExactly(
            "rpm's database has a write-ahead log of 7 bytes: what it changes is not counted");
  }

  @Test
  void whatClaimsToBeLargeIsRefusedAtOnce() {
    for (String path : List.of(SQLITE, NDB, BERKELEY)) {
      MemoryFileSystem fs = new MemoryFileSystem().file(path, "x").claimSize(path, 1L << 40);
      InstalledPackages found = InstalledPackages.of(fs.tree()).orElseThrow();
      assertThat(found.complete()).isFalse();
      assertThat(found.warnings()).singleElement().asString().contains("our limit");
    }
  }

  @Test
  void damageGivesAWarningInBoundedTime() throws IOException {
    byte[] sqlite = Files.readAllBytes(databases.sqlite());
    byte[] ndb = RpmDatabases.ndb(databases.headers());
    byte[] berkeley = Files.readAllBytes(databases.berkeley());
    Seeds.run(
        150,
        random -> {
          damaged(SQLITE, sqlite, random);
          damaged(NDB, ndb, random);
          damaged(BERKELEY, berkeley, random);
        });
  }

  private static void damaged(String path, byte[] sound, Random random) {
    byte[] database = sound.clone();
    for (int i = random.nextInt(8); i >= 0; i--) {
      // Structures are at the beginning of pages, above all of the first ones.
      int page = random.nextInt(random.nextBoolean() ? 8 : database.length >> 12) << 12;
      int at = page + random.nextInt(random.nextBoolean() ? 128 : 4096);
      switch (random.nextInt(3)) {
        case 0 -> database[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> database[at] = (byte) random.nextInt();
        default ->
            LittleEndian.put32(database, at & ~3, random.nextBoolean() ? -1 : random.nextInt(256));
      }
    }
    Assertions.assertThatNoException()
        .isThrownBy(() ->
            org.junit.jupiter.api.Assertions.assertTimeout(
                Duration.ofMinutes(1), () -> read(path, database)));
  }
}
