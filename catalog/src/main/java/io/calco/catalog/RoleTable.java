package io.calco.catalog;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/// The table of who has which role where; called within transactions.
final class RoleTable {
  private static final String SELECT = "select user_id, project_id, role from role_assignment";

  private final Database database;

  RoleTable(Database database) {
    this.database = database;
  }

  List<RoleAssignment> all() throws SQLException {
    return select("");
  }

  List<RoleAssignment> of(String userId) throws SQLException {
    return select(" where user_id = ?", userId);
  }

  Set<String> roles(String userId, String projectId) throws SQLException {
    return Set.copyOf(
        database.list(
            "select role from role_assignment where user_id = ? and project_id = ?",
            row -> row.getString(1),
            userId,
            projectId));
  }

  private List<RoleAssignment> select(String where, Object... values) throws SQLException {
    return database.list(
        SELECT + where + " order by user_id, project_id, role",
        row -> new RoleAssignment(row.getString(1), row.getString(2), row.getString(3)),
        values);
  }

  /// @return whether it is new
  boolean insert(RoleAssignment assignment) throws SQLException, CatalogException {
    requireThere("user", assignment.userId());
    requireThere("project", assignment.projectId());
    if (roles(assignment.userId(), assignment.projectId()).contains(assignment.role())) {
      return false;
    }
    database.update(
        "insert into role_assignment (user_id, project_id, role) values (?, ?, ?)",
        assignment.userId(),
        assignment.projectId(),
        assignment.role());
    return true;
  }

  private void requireThere(String what, String id) throws SQLException, CatalogException {
    if (database
        .find("select 1 from identity_" + what + " where id = ?", row -> true, id)
        .isEmpty()) {
      throw new CatalogException.Gone("there is no %s %s".formatted(what, id));
    }
  }

  /// @return whether it was there
  boolean delete(RoleAssignment assignment) throws SQLException {
    return database.update(
            "delete from role_assignment where user_id = ? and project_id = ? and role = ?",
            assignment.userId(),
            assignment.projectId(),
            assignment.role())
        > 0;
  }
}
