package io.calco.catalog;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The tables of templates and their versions; called within transactions.
final class TemplateTable {
  private static final String SELECT = "select id, name, created_at from template";
  private static final String SELECT_VERSION =
      """
      select id, template_id, version, disk, format, virtual_size, file_size, modified_nanos, sha256,
        sealed_at, source, os
      from template_version
      """;

  private final Database database;

  TemplateTable(Database database) {
    this.database = database;
  }

  List<Template> all() throws SQLException {
    return database.list(SELECT + " order by name", TemplateTable::template);
  }

  Optional<Template> find(String name) throws SQLException {
    return database.find(SELECT + " where name = ?", TemplateTable::template, name);
  }

  /// The template as it is now.
  Template current(Template template) throws SQLException, CatalogException {
    return database
        .find(SELECT + " where id = ?", TemplateTable::template, template.id())
        .orElseThrow(
            () -> new CatalogException.Gone("there is no template %s".formatted(template.name())));
  }

  Template insert(String name, Instant now) throws SQLException {
    Template template = new Template(UUID.randomUUID().toString(), name, now);
    database.update(
        "insert into template (id, name, created_at) values (?, ?, ?)",
        template.id(),
        template.name(),
        template.createdAt());
    return template;
  }

  TemplateVersion insertVersion(Template template, NewVersion v, Instant now)
      throws SQLException, CatalogException {
    String id = UUID.randomUUID().toString();
    try {
      database.update(
          """
          insert into template_version (id, template_id, version, disk, format, virtual_size, file_size,
            modified_nanos, sha256, sealed_at, source, os)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          id,
          template.id(),
          v.version(),
          v.disk(),
          v.format(),
          v.virtualSize(),
          v.fileSize(),
          v.modifiedNanos(),
          v.sha256(),
          now,
          v.source(),
          v.os());
    } catch (SQLException e) {
      throw switch (Database.takenColumn(e)) {
        case "template_version.version" ->
            new CatalogException.Taken(
                v.version() == 1
                    ? "there is a template %s already".formatted(template.name())
                    : "template %s has a version %d already"
                        .formatted(template.name(), v.version()),
                e);
        case "template_version.disk" ->
            new CatalogException.Taken(v.disk() + ": is a template's disk already", e);
        default -> throw e;
      };
    }
    return database
        .find(SELECT_VERSION + " where id = ?", TemplateTable::version, id)
        .orElseThrow();
  }

  Optional<TemplateVersion> findVersion(String id) throws SQLException {
    return database.find(SELECT_VERSION + " where id = ?", TemplateTable::version, id);
  }

  List<TemplateVersion> versions(Template template) throws SQLException {
    return database.list(
        SELECT_VERSION + " where template_id = ? order by version",
        TemplateTable::version,
        template.id());
  }

  List<TemplateVersion> allVersions() throws SQLException {
    return database.list(SELECT_VERSION + " order by template_id, version", TemplateTable::version);
  }

  void rename(Template template, String name) throws SQLException, CatalogException {
    try {
      database.update("update template set name = ? where id = ?", name, template.id());
    } catch (SQLException e) {
      if (Database.takenColumn(e).equals("template.name")) {
        throw new CatalogException.Taken("there is a template %s already".formatted(name), e);
      }
      throw e;
    }
  }

  /// Refuses while linked clones rest on it; the clones that stay keep its name.
  void delete(Template template) throws SQLException, CatalogException {
    List<String> linked =
        database.list(
            """
            select clone.name from clone join template_version on clone.version_id = template_version.id
            where clone.kind = 'linked' and template_version.template_id = ? order by clone.name
            """,
            row -> row.getString(1),
            template.id());
    if (!linked.isEmpty()) {
      throw new CatalogException.InUse(
          "linked clones rest on template %s: %s"
              .formatted(template.name(), String.join(", ", linked)),
          linked);
    }
    database.update(
        """
        update clone set template = ?
        where version_id in (select id from template_version where template_id = ?)
        """,
        template.name(),
        template.id());
    database.update("delete from template where id = ?", template.id());
  }

  private static Template template(ResultSet row) throws SQLException {
    return new Template(
        row.getString("id"), row.getString("name"), Instant.parse(row.getString("created_at")));
  }

  private static TemplateVersion version(ResultSet row) throws SQLException {
    return new TemplateVersion(
        row.getString("id"),
        row.getString("template_id"),
        row.getInt("version"),
        Path.of(row.getString("disk")),
        row.getString("format"),
        row.getLong("virtual_size"),
        row.getLong("file_size"),
        row.getLong("modified_nanos"),
        row.getString("sha256"),
        Instant.parse(row.getString("sealed_at")),
        row.getString("source"),
        row.getString("os"));
  }
}
