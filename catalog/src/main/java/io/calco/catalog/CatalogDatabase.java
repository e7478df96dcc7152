package io.calco.catalog;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The database file: opening, schema, transactions, and its failures in one line each.
final class CatalogDatabase implements AutoCloseable {
  /// The newest migration below `migration/`.
  private static final int SCHEMA = 1;

  private static final String HISTORY = "flyway_schema_history";

  private final Path file;
  private final Connection connection;
  private final Handle handle;

  private CatalogDatabase(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
    this.handle = Jdbi.open(connection);
  }

  static CatalogDatabase open(Path file) throws CatalogException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(30_000);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      Connection connection = source.getConnection();
      try {
        bringUpToDate(file, source, connection);
        return new CatalogDatabase(file, connection);
      } catch (SQLException | RuntimeException | CatalogException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException | FlywayException e) {
      throw new CatalogException(
          "%s: the catalogue cannot be opened: %s".formatted(file, firstLine(e)), e);
    }
  }

  /// Flyway costs a tenth of a second, so it is asked only when there is something to do.
  private static void bringUpToDate(Path file, SQLiteDataSource source, Connection connection)
      throws SQLException, CatalogException {
    int schema = schemaOf(connection);
    if (schema > SCHEMA) {
      throw new CatalogException(
          "%s: the catalogue has schema %d, this Calco knows up to %d; use the newer Calco"
              .formatted(file, schema, SCHEMA));
    }
    if (schema < SCHEMA) {
      Flyway.configure()
          .dataSource(source)
          .loggers("slf4j")
          .locations("classpath:io/calco/catalog/migration")
          .load()
          .migrate();
    }
  }

  private static int schemaOf(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      try (var table =
          statement.executeQuery(
              "select count(*) from sqlite_master where name = '" + HISTORY + "'")) {
        if (!table.next() || table.getInt(1) == 0) {
          return 0;
        }
      }
      try (var newest =
          statement.executeQuery(
              "select max(cast(version as integer)) from " + HISTORY + " where success = 1")) {
        return newest.next() ? newest.getInt(1) : 0;
      }
    }
  }

  <T> T read(Function<Handle, T> work) throws CatalogException {
    try {
      return work.apply(handle);
    } catch (JdbiException e) {
      throw failed("cannot be read", e);
    }
  }

  /// Runs one transaction.
  ///
  /// @param taken what to say when a unique key is another's
  void change(String taken, Consumer<Handle> work) throws CatalogException {
    try {
      handle.useTransaction(work::accept);
    } catch (JdbiException e) {
      if (sqliteError(e).filter(CatalogDatabase::isUniqueKey).isPresent()) {
        throw new CatalogException.Taken(taken, e);
      }
      throw failed("cannot be changed", e);
    }
  }

  private static boolean isUniqueKey(SQLiteErrorCode code) {
    return code == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE
        || code == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY;
  }

  private static Optional<SQLiteErrorCode> sqliteError(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        return Optional.of(sqlite.getResultCode());
      }
    }
    return Optional.empty();
  }

  private CatalogException failed(String what, JdbiException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new CatalogException(
        "%s: the catalogue %s: %s".formatted(file, what, firstLine(cause)), e);
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() throws CatalogException {
    try (connection) {
      handle.close();
    } catch (SQLException | JdbiException e) {
      throw new CatalogException(file + ": the catalogue cannot be closed", e);
    }
  }
}
