package io.calco.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One connection and the statements it was asked for last, kept prepared. Confined to the
/// transaction that has it.
final class Session implements AutoCloseable {
  private static final int STATEMENTS = 64;

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>(16, 0.75f, true);
  private boolean writes;

  Session(Connection connection) {
    this.connection = connection;
  }

  /// True within a transaction that may write.
  boolean writes() {
    return writes;
  }

  void setWrites(boolean now) {
    writes = now;
  }

  void execute(String sql) throws SQLException {
    use(sql, PreparedStatement::execute);
  }

  <T> List<T> list(String sql, Database.Row<T> row, Object... values) throws SQLException {
    return use(
        sql,
        statement -> {
          try (ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
              all.add(row.of(rows));
            }
            return all;
          }
        },
        values);
  }

  int update(String sql, Object... values) throws SQLException {
    return use(sql, PreparedStatement::executeUpdate, values);
  }

  private interface Use<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  /// A statement in use is not kept, so that one within another is its own.
  private <T> T use(String sql, Use<T> use, Object... values) throws SQLException {
    PreparedStatement kept = prepared.remove(sql);
    PreparedStatement statement = kept == null ? connection.prepareStatement(sql) : kept;
    try {
      bind(statement, values);
      T result = use.of(statement);
      keep(sql, statement);
      return result;
    } catch (SQLException | RuntimeException | Error e) {
      try (statement) {
        throw e;
      }
    }
  }

  private void keep(String sql, PreparedStatement statement) throws SQLException {
    @Nullable PreparedStatement other = prepared.put(sql, statement);
    if (other != null) {
      other.close();
    }
    if (prepared.size() > STATEMENTS) {
      var eldest = prepared.entrySet().iterator();
      PreparedStatement dropped = eldest.next().getValue();
      eldest.remove();
      dropped.close();
    }
  }

  /// Numbers go as they are, truth as 0 or 1, all else as text.
  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case Integer number -> statement.setInt(i + 1, number);
        case Long number -> statement.setLong(i + 1, number);
        case Boolean truth -> statement.setInt(i + 1, truth ? 1 : 0);
        case Object other -> statement.setString(i + 1, other.toString());
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
