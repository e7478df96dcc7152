package io.calco.catalog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// The database's schema and its versions: files `V<n>__….sql`, which Flyway applies.
///
/// Loading Flyway takes longer than most commands, so it is left alone while its newest version is
/// the one that this program was built with.
final class Schema {
  /// The newest migration's number; a test compares it with the files.
  static final int VERSION = 15;

  static final String MIGRATIONS = "io/calco/catalog/migration";
  static final String HISTORY = "flyway_schema_history";

  /// Keeps the threads of this process apart, which a lock on a file does not.
  private static final ReentrantLock MIGRATING = new ReentrantLock();

  private Schema() {}

  /// Makes the schema what this program expects.
  ///
  /// @throws CatalogException.Newer when the database is a newer Calco's
  /// @throws CatalogException.Unusable when it is damaged, or something else's
  static void bringUpToDate(Path file, Database database) throws IOException {
    Optional<Integer> found = version(file, database);
    if (found.isPresent() && found.get() == VERSION) {
      return;
    }
    if (found.isPresent() && found.get() > VERSION) {
      throw new CatalogException.Newer(
          "%s: was written by a newer Calco (schema %d, this one knows up to %d); use that one"
              .formatted(file, found.get(), VERSION));
    }
    alone(
        file,
        () -> {
          if (version(file, database).orElse(0) < VERSION) {
            migrate(file);
          }
          return database;
        });
  }

  /// Runs work while no other thread or process runs any here for the same database: SQLite has no
  /// lock that lasts over several transactions, as a migration is.
  static <T> T alone(Path file, Database.Work<T> work) throws IOException {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    MIGRATING.lock();
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      return work.run();
    } catch (SQLException e) {
      throw Database.meaning(file, e);
    } finally {
      MIGRATING.unlock();
    }
  }

  /// The newest version that was applied; empty for a new database.
  private static Optional<Integer> version(Path file, Database database) throws IOException {
    return database.read(() -> {
      if (database.list("select name from sqlite_master limit 1", r -> r.getString(1)).isEmpty()) {
        return Optional.empty();
      }
      try {
        return database.find(
            "select max(cast(version as integer)) from " + HISTORY + " where success = 1",
            row -> row.getInt(1));
      } catch (SQLException e) {
        throw String.valueOf(e.getMessage()).contains("no such table")
            ? new CatalogException.Unusable("%s: is no catalogue of Calco".formatted(file), e)
            : Database.meaning(file, e);
      }
    });
  }

  private static void migrate(Path file) throws CatalogException {
    try {
      Flyway.configure(Schema.class.getClassLoader())
          .dataSource(Database.url(file), "", "")
          .locations("classpath:" + MIGRATIONS)
          .table(HISTORY)
          .loggers("slf4j")
          .load()
          .migrate();
    } catch (FlywayException e) {
      if (e.getCause() instanceof SQLException cause
          && Database.meaning(file, cause) instanceof CatalogException.Full full) {
        throw full;
      }
      throw new CatalogException.Unusable(
          "%s: its schema could not be brought to version %d: %s"
              .formatted(
                  file, VERSION, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }
}
