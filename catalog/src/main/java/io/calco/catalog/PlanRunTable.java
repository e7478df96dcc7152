package io.calco.catalog;

import io.calco.catalog.plan.LogLine;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables of plans' runs, their steps and logs; called within transactions.
final class PlanRunTable {
  private static final String SELECT =
      "select number, plan, reason, state, begun_at, ended_at, message from plan_run";
  private static final String SELECT_STEP =
      "select run, position, kind, subject, state, begun_at, ended_at, bytes, message from plan_step";

  private final Database database;

  PlanRunTable(Database database) {
    this.database = database;
  }

  long begin(String plan, RunEntry.Reason reason, Instant at) throws SQLException {
    long number =
        1 + database.find("select max(number) from plan_run", row -> row.getLong(1)).orElse(0L);
    database.update(
        """
        insert into plan_run (number, plan, reason, state, begun_at, ended_at, message)
        values (?, ?, ?, 'running', ?, '', '')
        """,
        number,
        plan,
        reason.text(),
        Moments.text(at));
    return number;
  }

  void end(long number, RunState state, Instant at, String message) throws SQLException {
    database.update(
        "update plan_run set state = ?, ended_at = ?, message = ? where number = ?",
        state.text(),
        Moments.text(at),
        message,
        number);
  }

  /// Forgets a plan's oldest runs that have ended.
  ///
  /// @param keep how many stay
  void prune(String plan, int keep) throws SQLException {
    database.update(
        """
        delete from plan_run where plan = ? and state <> 'running' and number <
          coalesce((select number from plan_run where plan = ? order by number desc limit 1 offset ?), 0)
        """,
        plan,
        plan,
        keep - 1);
  }

  List<RunEntry> unfinished(String plan) throws SQLException {
    return database.list(
        SELECT + " where plan = ? and state = 'running' order by number", PlanRunTable::run, plan);
  }

  Optional<RunEntry> find(long number) throws SQLException {
    return database.find(SELECT + " where number = ?", PlanRunTable::run, number);
  }

  /// Newest first.
  ///
  /// @param plan whose; empty for all
  List<RunEntry> newest(Optional<String> plan, int limit) throws SQLException {
    return plan.isEmpty()
        ? database.list(SELECT + " order by number desc limit ?", PlanRunTable::run, limit)
        : database.list(
            SELECT + " where plan = ? order by number desc limit ?",
            PlanRunTable::run,
            plan.get(),
            limit);
  }

  private static RunEntry run(ResultSet row) throws SQLException {
    return new RunEntry(
        row.getLong(1),
        row.getString(2),
        RunEntry.Reason.of(row.getString(3)),
        RunState.of(row.getString(4)),
        Instant.parse(row.getString(5)),
        Moments.find(row.getString(6)),
        row.getString(7));
  }

  int addStep(long run, String kind, String subject, Instant at) throws SQLException {
    int position =
        1
            + database
                .find(
                    "select max(position) from plan_step where run = ?", row -> row.getInt(1), run)
                .orElse(0);
    database.update(
        """
        insert into plan_step (run, position, kind, subject, state, begun_at, ended_at, bytes, message)
        values (?, ?, ?, ?, 'running', ?, '', 0, '')
        """,
        run,
        position,
        kind,
        subject,
        Moments.text(at));
    return position;
  }

  void endStep(long run, int position, RunState state, Instant at, long bytes, String message)
      throws SQLException {
    database.update(
        """
        update plan_step set state = ?, ended_at = ?, bytes = ?, message = ? where run = ? and position = ?
        """,
        state.text(),
        Moments.text(at),
        bytes,
        message,
        run,
        position);
  }

  List<StepEntry> steps(long run) throws SQLException {
    return database.list(
        SELECT_STEP + " where run = ? order by position",
        row ->
            new StepEntry(
                row.getLong(1),
                row.getInt(2),
                row.getString(3),
                row.getString(4),
                RunState.of(row.getString(5)),
                Instant.parse(row.getString(6)),
                Moments.find(row.getString(7)),
                row.getLong(8),
                row.getString(9)),
        run);
  }

  void addLine(long run, Instant at, String text, int most) throws SQLException {
    int position =
        1
            + database
                .find(
                    "select max(position) from plan_line where run = ?", row -> row.getInt(1), run)
                .orElse(0);
    if (position <= most) {
      database.update(
          "insert into plan_line (run, position, at, text) values (?, ?, ?, ?)",
          run,
          position,
          Moments.text(at),
          text);
    }
  }

  List<LogLine> lines(long run) throws SQLException {
    return database.list(
        "select at, text from plan_line where run = ? order by position",
        row -> new LogLine(Instant.parse(row.getString(1)), row.getString(2)),
        run);
  }
}
