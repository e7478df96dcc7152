package io.calco.catalog;

import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The table of what projects may have; called within transactions.
final class ProjectQuotaTable {
  private final Database database;

  ProjectQuotaTable(Database database) {
    this.database = database;
  }

  Optional<ProjectQuota> find(String projectId) throws SQLException {
    return database.find(
        "select images, uploads, size, staged from project_quota where project_id in (?, '') order by project_id desc limit 1",
        row -> new ProjectQuota(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
        projectId);
  }

  Map<String, ProjectQuota> all() throws SQLException {
    Map<String, ProjectQuota> all = new TreeMap<>();
    database.list(
        "select images, uploads, size, staged, project_id from project_quota",
        row ->
            all.put(
                    row.getString(5),
                    new ProjectQuota(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                == null);
    return all;
  }

  void put(String projectId, ProjectQuota quota) throws SQLException {
    delete(projectId);
    database.update(
        "insert into project_quota (project_id, images, uploads, size, staged) values (?, ?, ?, ?, ?)",
        projectId,
        quota.images(),
        quota.uploads(),
        quota.size(),
        quota.staged());
  }

  boolean delete(String projectId) throws SQLException {
    return database.update("delete from project_quota where project_id = ?", projectId) == 1;
  }
}
