package io.calco.catalog;

import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.PlanEntry;
import io.calco.catalog.plan.ReadingEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables of plans and of what is known of their copies; called within transactions.
final class PlanTable {
  private static final String SELECT = "select name, definition, created_at, changed_at from plan";
  private static final String SELECT_COPY =
      """
      select plan, source, repository, machine, points, newest_id, newest_at, damage, verified_at, tested_at,
        tested_how, seen_at from plan_copy
      """;
  private static final String SELECT_READING =
      "select plan, repository, slice, cycle_begun_at, slice_read_at, read_at from plan_reading";

  private final Database database;

  PlanTable(Database database) {
    this.database = database;
  }

  void insert(PlanEntry plan) throws SQLException {
    database.update(
        "insert into plan (name, definition, created_at, changed_at) values (?, ?, ?, ?)",
        plan.name(),
        plan.definition(),
        Moments.text(plan.createdAt()),
        Moments.text(plan.changedAt()));
  }

  int update(PlanEntry plan) throws SQLException {
    return database.update(
        "update plan set definition = ?, changed_at = ? where name = ?",
        plan.definition(),
        Moments.text(plan.changedAt()),
        plan.name());
  }

  int delete(String name) throws SQLException {
    return database.update("delete from plan where name = ?", name);
  }

  Optional<PlanEntry> find(String name) throws SQLException {
    return database.find(SELECT + " where name = ?", PlanTable::plan, name);
  }

  List<PlanEntry> all() throws SQLException {
    return database.list(SELECT + " order by name", PlanTable::plan);
  }

  private static PlanEntry plan(ResultSet row) throws SQLException {
    return new PlanEntry(
        row.getString(1),
        row.getString(2),
        Instant.parse(row.getString(3)),
        Instant.parse(row.getString(4)));
  }

  void put(String plan, String repository, List<CopyEntry> copies) throws SQLException {
    database.update("delete from plan_copy where plan = ? and repository = ?", plan, repository);
    for (CopyEntry copy : copies) {
      insert(copy);
    }
  }

  private void insert(CopyEntry copy) throws SQLException {
    database.update(
        """
        insert into plan_copy (plan, source, repository, machine, points, newest_id, newest_at, damage, verified_at,
          tested_at, tested_how, seen_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        copy.plan(),
        copy.source(),
        copy.repository(),
        copy.machine(),
        copy.points(),
        copy.newestId(),
        Moments.text(copy.newestAt()),
        copy.damage(),
        Moments.text(copy.verifiedAt()),
        Moments.text(copy.testedAt()),
        copy.testedHow(),
        Moments.text(copy.seenAt()));
  }

  List<CopyEntry> copies(String plan) throws SQLException {
    return database.list(
        SELECT_COPY + " where plan = ? order by source, repository",
        row ->
            new CopyEntry(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getString(6),
                Moments.find(row.getString(7)),
                row.getString(8),
                Moments.find(row.getString(9)),
                Moments.find(row.getString(10)),
                row.getString(11),
                Instant.parse(row.getString(12))),
        plan);
  }

  void put(ReadingEntry reading) throws SQLException {
    database.update(
        "delete from plan_reading where plan = ? and repository = ?",
        reading.plan(),
        reading.repository());
    database.update(
        """
        insert into plan_reading (plan, repository, slice, cycle_begun_at, slice_read_at, read_at)
        values (?, ?, ?, ?, ?, ?)
        """,
        reading.plan(),
        reading.repository(),
        reading.slice(),
        Moments.text(reading.cycleBegunAt()),
        Moments.text(reading.sliceReadAt()),
        Moments.text(reading.readAt()));
  }

  List<ReadingEntry> readings(String plan) throws SQLException {
    return database.list(
        SELECT_READING + " where plan = ? order by repository",
        row ->
            new ReadingEntry(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                Instant.parse(row.getString(4)),
                Instant.parse(row.getString(5)),
                Moments.find(row.getString(6))),
        plan);
  }
}
