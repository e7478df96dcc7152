package io.calco.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;

/// One connection, its transactions, and what its failures mean. Threads wait for each other; a
/// transaction within another is undone alone and done with the outer one.
final class Database implements AutoCloseable {
  private static final int BUSY_TIMEOUT_MILLIS = 10_000;

  private final Path file;
  private final Connection connection;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean inTransaction;

  private Database(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /// Work in a transaction.
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException, IOException;
  }

  /// Work without a result.
  @FunctionalInterface
  interface Change {
    void make() throws SQLException, IOException;
  }

  /// Makes a record of a row.
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  static Database open(Path file) throws CatalogException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    try {
      return new Database(file, config.createConnection(url(file)));
    } catch (SQLException e) {
      throw meaning(file, e);
    }
  }

  static String url(Path file) {
    return "jdbc:sqlite:" + file;
  }

  /// Runs reads that see one state of the database.
  <T> T read(Work<T> work) throws IOException {
    return transaction("begin", work);
  }

  /// Runs writes that happen together or not at all; nothing else writes meanwhile.
  <T> T write(Work<T> work) throws IOException {
    return transaction("begin immediate", work);
  }

  private <T> T transaction(String begin, Work<T> work) throws IOException {
    lock.lock();
    try {
      return inTransaction
          ? between("savepoint nested", work, "release nested", "rollback to nested")
          : outermost(begin, work);
    } catch (SQLException e) {
      throw meaning(file, e);
    } finally {
      lock.unlock();
    }
  }

  private <T> T outermost(String begin, Work<T> work) throws SQLException, IOException {
    inTransaction = true;
    try {
      return between(begin, work, "commit", "rollback");
    } finally {
      inTransaction = false;
    }
  }

  private <T> T between(String begin, Work<T> work, String end, String undo)
      throws SQLException, IOException {
    execute(begin);
    try {
      T result = work.run();
      execute(end);
      return result;
    } catch (SQLException | IOException | RuntimeException | Error e) {
      try {
        execute(undo);
      } catch (SQLException undone) { // by SQLite itself, as it does after some failures
        e.addSuppressed(undone);
      }
      throw e;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  <T> List<T> list(String sql, Row<T> row, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(row.of(rows));
      }
      return all;
    }
  }

  <T> Optional<T> find(String sql, Row<T> row, Object... values) throws SQLException {
    return list(sql, row, values).stream().findFirst();
  }

  /// @return how many rows it changed
  int update(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values)) {
      return statement.executeUpdate();
    }
  }

  /// Numbers go as they are, all else as text.
  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case Integer number -> statement.setInt(i + 1, number);
        case Long number -> statement.setLong(i + 1, number);
        case Object other -> statement.setString(i + 1, other.toString());
      }
    }
    return statement;
  }

  /// The column, as `table.column`, whose value is another row's already, the last where there are
  /// several; empty for other failures.
  static String takenColumn(SQLException failure) {
    if (!(failure instanceof SQLiteException sqlite)) {
      return "";
    }
    return switch (sqlite.getResultCode()) {
      case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY -> {
        String message = String.valueOf(sqlite.getMessage()).replaceAll("\\)$", "");
        yield message.substring(message.lastIndexOf(' ') + 1);
      }
      default -> "";
    };
  }

  /// What a failure of the database means for a user.
  static CatalogException meaning(Path file, SQLException failure) {
    if (!(failure instanceof SQLiteException sqlite)) {
      return new CatalogException.Unusable(
          "%s: the catalogue cannot be used: %s".formatted(file, failure.getMessage()), failure);
    }
    String code = sqlite.getResultCode().name();
    if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
      return new CatalogException.Busy(
          "%s: another process has been writing to the catalogue for more than %d seconds"
              .formatted(file, BUSY_TIMEOUT_MILLIS / 1000),
          failure);
    }
    String text =
        switch (sqlite.getResultCode()) {
          case SQLITE_NOTADB -> "is not a SQLite database, so it is not the catalogue, or damaged";
          case SQLITE_FULL -> "the file system is full";
          case SQLITE_CANTOPEN -> "the catalogue cannot be opened: missing, or not permitted";
          default ->
              code.startsWith("SQLITE_CORRUPT")
                  ? "the catalogue is damaged: " + sqlite.getMessage()
                  : code.startsWith("SQLITE_READONLY")
                      ? "the catalogue may only be read, not written"
                      : "the catalogue cannot be used: " + sqlite.getMessage();
        };
    return new CatalogException.Unusable("%s: %s".formatted(file, text), failure);
  }

  @Override
  public void close() throws CatalogException {
    lock.lock();
    try {
      connection.close();
    } catch (SQLException e) {
      throw meaning(file, e);
    } finally {
      lock.unlock();
    }
  }
}
