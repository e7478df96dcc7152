package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables of users and projects; called within transactions.
final class UserTable {
  private static final String USER =
      "select id, name, description, email, enabled, default_project_id, created_at from identity_user";
  private static final String PROJECT =
      "select id, name, description, enabled, created_at from identity_project";

  private final Database database;

  UserTable(Database database) {
    this.database = database;
  }

  List<User> users() throws SQLException {
    return database.list(USER + " order by name", UserTable::user);
  }

  Optional<User> findUser(String id) throws SQLException {
    return database.find(USER + " where id = ?", UserTable::user, id);
  }

  Optional<User> findUserByName(String name) throws SQLException {
    return database.find(USER + " where name = ?", UserTable::user, name);
  }

  Optional<String> passwordHash(String userId) throws SQLException {
    return database.find(
        "select password_hash from identity_user where id = ?", row -> row.getString(1), userId);
  }

  void insert(User user, String passwordHash) throws SQLException, CatalogException {
    try {
      database.update(
          """
          insert into identity_user (id, name, description, email, enabled, default_project_id,
            password_hash, created_at)
          values (?, ?, ?, ?, ?, nullif(?, ''), ?, ?)
          """,
          user.id(),
          user.name(),
          user.description(),
          user.email(),
          flag(user.enabled()),
          user.defaultProjectId().orElse(""),
          passwordHash,
          user.createdAt());
    } catch (SQLException e) {
      throw taken("user", user.name(), e);
    }
  }

  void update(User user) throws SQLException, CatalogException {
    try {
      require(
          "user",
          user.id(),
          database.update(
              """
              update identity_user
              set name = ?, description = ?, email = ?, enabled = ?, default_project_id = nullif(?, '')
              where id = ?
              """,
              user.name(),
              user.description(),
              user.email(),
              flag(user.enabled()),
              user.defaultProjectId().orElse(""),
              user.id()));
    } catch (SQLException e) {
      throw taken("user", user.name(), e);
    }
  }

  void setPasswordHash(String userId, String hash) throws SQLException, CatalogException {
    require(
        "user",
        userId,
        database.update("update identity_user set password_hash = ? where id = ?", hash, userId));
  }

  void deleteUser(String id) throws SQLException, CatalogException {
    require("user", id, database.update("delete from identity_user where id = ?", id));
  }

  List<Project> projects() throws SQLException {
    return database.list(PROJECT + " order by name", UserTable::project);
  }

  Optional<Project> findProject(String id) throws SQLException {
    return database.find(PROJECT + " where id = ?", UserTable::project, id);
  }

  Optional<Project> findProjectByName(String name) throws SQLException {
    return database.find(PROJECT + " where name = ?", UserTable::project, name);
  }

  List<Project> projectsOf(String userId) throws SQLException {
    return database.list(
        PROJECT
            + " where id in (select project_id from role_assignment where user_id = ?) order by name",
        UserTable::project,
        userId);
  }

  void insert(Project project) throws SQLException, CatalogException {
    try {
      database.update(
          "insert into identity_project (id, name, description, enabled, created_at) values (?, ?, ?, ?, ?)",
          project.id(),
          project.name(),
          project.description(),
          flag(project.enabled()),
          project.createdAt());
    } catch (SQLException e) {
      throw taken("project", project.name(), e);
    }
  }

  void update(Project project) throws SQLException, CatalogException {
    try {
      require(
          "project",
          project.id(),
          database.update(
              "update identity_project set name = ?, description = ?, enabled = ? where id = ?",
              project.name(),
              project.description(),
              flag(project.enabled()),
              project.id()));
    } catch (SQLException e) {
      throw taken("project", project.name(), e);
    }
  }

  void deleteProject(String id) throws SQLException, CatalogException {
    require("project", id, database.update("delete from identity_project where id = ?", id));
  }

  /// As the columns have them, in either database.
  static int flag(boolean value) {
    return value ? 1 : 0;
  }

  private static void require(String what, String id, int changed) throws CatalogException {
    if (changed == 0) {
      throw new CatalogException.Gone("there is no %s %s".formatted(what, id));
    }
  }

  private static CatalogException taken(String what, String name, SQLException e)
      throws SQLException {
    if (Database.takenColumn(e).endsWith(".name")) {
      return new CatalogException.Taken("there is a %s %s already".formatted(what, name), e);
    }
    throw e;
  }

  private static User user(ResultSet row) throws SQLException {
    return new User(
        row.getString("id"),
        row.getString("name"),
        row.getString("description"),
        row.getString("email"),
        row.getInt("enabled") != 0,
        Optional.ofNullable(row.getString("default_project_id")),
        Instant.parse(row.getString("created_at")));
  }

  private static Project project(ResultSet row) throws SQLException {
    return new Project(
        row.getString("id"),
        row.getString("name"),
        row.getString("description"),
        row.getInt("enabled") != 0,
        Instant.parse(row.getString("created_at")));
  }
}
