package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The table of servers' long work; called within transactions.
final class BackgroundJobTable {
  private static final String SELECT =
      """
      select id, kind, subject, state, user_id, user_name, project_id, result, message, created_at, begun_at, ended_at
      from background_job
      """;

  private final Database database;

  BackgroundJobTable(Database database) {
    this.database = database;
  }

  void insert(BackgroundJob job) throws SQLException {
    database.update(
        """
        insert into background_job (id, kind, subject, state, user_id, user_name, project_id, result, message,
          created_at, begun_at, ended_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        job.id(),
        job.kind(),
        job.subject(),
        job.state().text(),
        job.userId(),
        job.userName(),
        job.projectId(),
        job.result(),
        job.message(),
        Moments.text(job.createdAt()),
        text(job.begunAt()),
        text(job.endedAt()));
  }

  void update(BackgroundJob job) throws SQLException {
    database.update(
        """
        update background_job set state = ?, result = ?, message = ?, begun_at = ?, ended_at = ? where id = ?
        """,
        job.state().text(),
        job.result(),
        job.message(),
        text(job.begunAt()),
        text(job.endedAt()),
        job.id());
  }

  private static String text(Optional<Instant> moment) {
    return moment.map(Moments::text).orElse("");
  }

  Optional<BackgroundJob> find(String id) throws SQLException {
    return database.find(SELECT + " where id = ?", BackgroundJobTable::job, id);
  }

  List<BackgroundJob> unfinished() throws SQLException {
    return database.list(
        SELECT + " where state in ('waiting', 'running') order by created_at, id",
        BackgroundJobTable::job);
  }

  /// Newest first.
  ///
  /// @param userId whose; empty for everybody's
  /// @param after the id of the job that the list goes on after; empty for the newest
  List<BackgroundJob> newest(Optional<String> userId, Optional<String> after, int limit)
      throws SQLException {
    List<String> conditions = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    if (userId.isPresent()) {
      conditions.add("user_id = ?");
      values.add(userId.get());
    }
    if (after.isPresent()) {
      conditions.add(
          "(created_at, id) < (select other.created_at, other.id from background_job other"
              + " where other.id = ?)");
      values.add(after.get());
    }
    values.add(limit);
    String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    return database.list(
        SELECT + where + " order by created_at desc, id desc limit ?",
        BackgroundJobTable::job,
        values.toArray());
  }

  /// Forgets the oldest that have ended.
  ///
  /// @param keep how many stay
  void prune(int keep) throws SQLException {
    database.update(
        """
        delete from background_job where state not in ('waiting', 'running') and created_at <
          coalesce((select created_at from background_job order by created_at desc, id desc limit 1 offset ?), '')
        """,
        keep);
  }

  private static BackgroundJob job(ResultSet row) throws SQLException {
    return new BackgroundJob(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        BackgroundJob.State.of(row.getString(4)),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        Instant.parse(row.getString(10)),
        moment(row.getString(11)),
        moment(row.getString(12)));
  }

  private static Optional<Instant> moment(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
  }
}
