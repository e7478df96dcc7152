package io.calco.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The connections, their transactions, and what their failures mean. Any number of threads read,
/// each on a connection of its own as far as there are some, beside one that writes; writers wait
/// for each other. A transaction within another is undone alone and done with the outer one.
final class Database implements AutoCloseable {
  private static final int BUSY_TIMEOUT_MILLIS = 10_000;

  /// Each costs some memory and three descriptors; reads take microseconds.
  private static final int CONNECTIONS = 8;

  private final Path file;
  private final Semaphore permits = new Semaphore(CONNECTIONS, true);
  private final Deque<Session> idle = new ConcurrentLinkedDeque<>();
  private final ReentrantLock writing = new ReentrantLock(true);

  /// Empty again after each transaction, so nothing is left behind in threads.
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<@Nullable Session> current = new ThreadLocal<>();

  private volatile boolean closed;

  private Database(Path file, Session first) {
    this.file = file;
    idle.push(first);
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
    try {
      return new Database(file, connect(file));
    } catch (SQLException e) {
      throw meaning(file, e);
    }
  }

  private static Session connect(Path file) throws SQLException {
    return new Session(config().createConnection(url(file)));
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    return config;
  }

  /// Connections beside those of transactions here.
  DataSource dataSource() {
    SQLiteDataSource source = new SQLiteDataSource(config());
    source.setUrl(url(file));
    return source;
  }

  static String url(Path file) {
    return "jdbc:sqlite:" + file;
  }

  /// Runs reads that see one state of the database.
  <T> T read(Work<T> work) throws IOException {
    return transaction(work, session -> outermost(session, "begin", work));
  }

  /// Runs writes that happen together or not at all; nothing else writes meanwhile.
  ///
  /// @throws IllegalStateException within [#read]: what was read there may be outdated
  <T> T write(Work<T> work) throws IOException {
    Session outer = current.get();
    if (outer != null && !outer.writes()) {
      throw new IllegalStateException("a write within a read");
    }
    writing.lock();
    try {
      return transaction(
          work,
          session -> {
            session.setWrites(true);
            try {
              return outermost(session, "begin immediate", work);
            } finally {
              session.setWrites(false);
            }
          });
    } finally {
      writing.unlock();
    }
  }

  /// A transaction on a session that nobody else has.
  private interface Outermost<T> {
    T run(Session session) throws SQLException, IOException;
  }

  private <T> T transaction(Work<T> work, Outermost<T> outermost) throws IOException {
    Session outer = current.get();
    try {
      if (outer != null) {
        return between(outer, "savepoint nested", work, "release nested", "rollback to nested");
      }
      Session session = borrow();
      try {
        return outermost.run(session);
      } finally {
        giveBack(session);
      }
    } catch (SQLException e) {
      throw meaning(file, e);
    }
  }

  private Session borrow() throws SQLException {
    permits.acquireUninterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException(file + ": is closed");
      }
      Session session = idle.poll();
      return session == null ? connect(file) : session;
    } catch (SQLException | RuntimeException | Error e) {
      permits.release();
      throw e;
    }
  }

  /// The one used last is used next: its memory is warm.
  private void giveBack(Session session) {
    idle.push(session);
    permits.release();
  }

  private <T> T outermost(Session session, String begin, Work<T> work)
      throws SQLException, IOException {
    current.set(session);
    try {
      return between(session, begin, work, "commit", "rollback");
    } finally {
      current.remove();
    }
  }

  private static <T> T between(Session session, String begin, Work<T> work, String end, String undo)
      throws SQLException, IOException {
    session.execute(begin);
    try {
      T result = work.run();
      session.execute(end);
      return result;
    } catch (SQLException | IOException | RuntimeException | Error e) {
      try {
        session.execute(undo);
      } catch (SQLException undone) { // by SQLite itself, as it does after some failures
        e.addSuppressed(undone);
      }
      throw e;
    }
  }

  /// The session of the transaction that this thread is in.
  private Session session() {
    Session session = current.get();
    if (session == null) {
      throw new IllegalStateException("outside of a transaction");
    }
    return session;
  }

  <T> List<T> list(String sql, Row<T> row, Object... values) throws SQLException {
    return session().list(sql, row, values);
  }

  <T> Optional<T> find(String sql, Row<T> row, Object... values) throws SQLException {
    return list(sql, row, values).stream().findFirst();
  }

  /// @return how many rows it changed
  int update(String sql, Object... values) throws SQLException {
    return session().update(sql, values);
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
    if (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_FULL) {
      return new CatalogException.Full(file + ": the file system is full", failure);
    }
    String text =
        switch (sqlite.getResultCode()) {
          case SQLITE_NOTADB -> "is not a SQLite database, so it is not the catalogue, or damaged";
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

  /// Waits for the transactions that run.
  @Override
  public void close() throws CatalogException {
    permits.acquireUninterruptibly(CONNECTIONS);
    try {
      closed = true;
      for (Session session = idle.poll(); session != null; session = idle.poll()) {
        session.close();
      }
    } catch (SQLException e) {
      throw meaning(file, e);
    } finally {
      permits.release(CONNECTIONS);
    }
  }
}
