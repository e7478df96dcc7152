package io.calco.catalog;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The catalogue's audit log. Events are added, and the oldest are forgotten when there are too
/// many; nothing changes one. Events of things that were not done are counted apart: whoever
/// provokes them drives out no others.
///
/// Thread rule: safe for several threads; readers do not wait for a writer. An event that is added
/// within [Catalog#inTransaction] is recorded if, and only if, the rest of it is.
public final class AuditEvents {
  /// How many events there may be above what is kept: so many are forgotten together.
  static final int SLACK = 1000;

  private static final String SELECT =
      """
      select number, at, user_id, user_name, project_id, address, action, target_id, target_name, outcome, detail
      from audit_event
      """;

  private final Database database;

  AuditEvents(Database database) {
    this.database = database;
  }

  /// How many events are kept.
  ///
  /// @param done of things that were done
  /// @param other of things that were not
  public record Retention(int done, int other) {}

  /// Adds an event.
  ///
  /// @param event its number is not looked at
  /// @return as recorded
  public AuditEvent add(AuditEvent event, Retention retention) throws IOException {
    return database.write(() -> {
      long number =
          1
              + database
                  .find("select max(number) from audit_event", row -> row.getLong(1))
                  .orElse(0L);
      insert(number, event);
      if (number % SLACK == 0) {
        forget("outcome = 'done'", retention.done());
        forget("outcome in ('refused', 'failed')", retention.other());
      }
      return database.find(SELECT + " where number = ?", AuditEvents::event, number).orElseThrow();
    });
  }

  private void insert(long number, AuditEvent event) throws SQLException {
    database.update(
        """
        insert into audit_event (number, at, user_id, user_name, project_id, address, action, target_id, target_name,
          outcome, detail)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        number,
        Moments.text(event.at()),
        event.userId(),
        event.userName(),
        event.projectId(),
        event.address(),
        event.action(),
        event.targetId(),
        event.targetName(),
        event.outcome().text(),
        event.detail());
  }

  private void forget(String which, int keep) throws SQLException {
    database.update(
        """
        delete from audit_event where %1$s and number <=
          coalesce((select number from audit_event where %1$s order by number desc limit 1 offset ?), 0)
        """
            .formatted(which),
        keep);
  }

  /// Events, newest first.
  public List<AuditEvent> list(AuditQuery query) throws IOException {
    List<String> conditions = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    query
        .user()
        .ifPresent(user -> {
          conditions.add("user_name = ?");
          values.add(user);
        });
    query
        .action()
        .ifPresent(action -> {
          conditions.add("(action = ? or action >= ? and action < ?)");
          values.addAll(List.of(action, action + ".", action + "/")); // the character after the dot
        });
    query
        .target()
        .ifPresent(target -> {
          conditions.add("(target_id = ? or target_name = ?)");
          values.addAll(List.of(target, target));
        });
    query
        .outcome()
        .ifPresent(outcome -> {
          conditions.add("outcome = ?");
          values.add(outcome.text());
        });
    query
        .since()
        .ifPresent(since -> {
          conditions.add("at >= ?");
          values.add(Moments.text(since));
        });
    query
        .until()
        .ifPresent(until -> {
          conditions.add("at < ?");
          values.add(Moments.text(until));
        });
    query
        .below()
        .ifPresent(below -> {
          conditions.add("number < ?");
          values.add(below);
        });
    values.add(query.limit());
    String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    return database.read(() ->
        database.list(
            SELECT + where + " order by number desc limit ?",
            AuditEvents::event,
            values.toArray()));
  }

  private static AuditEvent event(ResultSet row) throws SQLException {
    return new AuditEvent(
        row.getLong(1),
        Instant.parse(row.getString(2)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        AuditEvent.Outcome.of(row.getString(10)),
        row.getString(11));
  }
}
