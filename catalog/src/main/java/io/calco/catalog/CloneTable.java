package io.calco.catalog;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The tables of clones and their host keys; called within transactions.
final class CloneTable {
  private static final String FROM =
      """
       from clone
        left join template_version on template_version.id = clone.version_id
        left join template on template.id = template_version.template_id
      """;
  private static final String SELECT =
      """
      select clone.id, clone.name, coalesce(template.name, clone.template) template, clone.template_version,
        clone.version_id, clone.kind, clone.disk, clone.format, clone.virtual_size, clone.hostname,
        clone.machine_id, clone.created_at
      """
          + FROM;

  private final Database database;

  CloneTable(Database database) {
    this.database = database;
  }

  /// The clones that a condition holds for, by name.
  List<Clone> select(String where, Object... values) throws SQLException {
    Map<String, List<Key>> keys =
        database
            .list(
                "select clone_id, type, fingerprint, public_key from clone_host_key"
                    + " where clone_id in (select clone.id"
                    + FROM
                    + where
                    + ") order by position",
                CloneTable::key,
                values)
            .stream()
            .collect(Collectors.groupingBy(Key::cloneId));
    return database.list(
        SELECT + where + " order by clone.name",
        row -> clone(row, keys.getOrDefault(row.getString("id"), List.of())),
        values);
  }

  void insert(Clone clone) throws SQLException, CatalogException {
    requireVersion(clone);
    requireFreeName(clone);
    try {
      database.update(
          """
          insert into clone (id, name, template, template_version, version_id, kind, disk, format,
            virtual_size, hostname, machine_id, created_at)
          values (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)
          """,
          clone.id(),
          clone.name(),
          clone.template(),
          clone.templateVersion(),
          clone.versionId().orElse(""),
          text(clone.kind()),
          clone.disk(),
          clone.format(),
          clone.virtualSize(),
          clone.hostname(),
          clone.machineId().orElse(""),
          clone.createdAt());
    } catch (SQLException e) {
      throw taken(clone, e);
    }
    insertKeys(clone);
  }

  /// The commonest refusal gets its words whatever the database finds first.
  private void requireFreeName(Clone clone) throws SQLException, CatalogException {
    if (database
        .find("select 1 from clone where name = ?", row -> true, clone.name())
        .isPresent()) {
      throw new CatalogException.Taken("there is a clone %s already".formatted(clone.name()));
    }
  }

  /// A clone cannot begin on a version that another process has just deleted.
  private void requireVersion(Clone clone) throws SQLException, CatalogException {
    Optional<String> version = clone.versionId();
    if (version.isEmpty()) {
      if (clone.linked()) {
        throw new IllegalArgumentException("linked clone of no version: " + clone.name());
      }
    } else if (database
        .find("select 1 from template_version where id = ?", row -> true, version.get())
        .isEmpty()) {
      throw new CatalogException.Gone(
          "template %s has no version %d any more"
              .formatted(clone.template(), clone.templateVersion()));
    }
  }

  void markFull(Clone clone) throws SQLException, CatalogException {
    requireOne(clone, database.update("update clone set kind = 'full' where id = ?", clone.id()));
  }

  void delete(Clone clone) throws SQLException, CatalogException {
    requireOne(clone, database.update("delete from clone where id = ?", clone.id()));
  }

  private static void requireOne(Clone clone, int changed) throws CatalogException {
    if (changed == 0) {
      throw new CatalogException.Gone("there is no clone %s any more".formatted(clone.name()));
    }
  }

  private void insertKeys(Clone clone) throws SQLException {
    int position = 0;
    for (Clone.HostKey key : clone.hostKeys()) {
      database.update(
          """
          insert into clone_host_key (clone_id, position, type, fingerprint, public_key)
          values (?, ?, ?, ?, ?)
          """,
          clone.id(),
          position++,
          key.type(),
          key.fingerprint(),
          key.publicKey());
    }
  }

  /// What a refused change means.
  private static CatalogException taken(Clone clone, SQLException e) throws SQLException {
    if (Database.takenColumn(e).equals("clone.disk")) {
      return new CatalogException.Taken(clone.disk() + ": is a clone's disk already", e);
    }
    throw e;
  }

  /// A host key and whose it is.
  private record Key(String cloneId, Clone.HostKey key) {}

  private static Key key(ResultSet row) throws SQLException {
    return new Key(
        row.getString(1), new Clone.HostKey(row.getString(2), row.getString(3), row.getString(4)));
  }

  private static Clone clone(ResultSet row, List<Key> keys) throws SQLException {
    return new Clone(
        row.getString("id"),
        row.getString("name"),
        row.getString("template"),
        row.getInt("template_version"),
        Optional.ofNullable(row.getString("version_id")),
        kind(row.getString("kind")),
        Path.of(row.getString("disk")),
        row.getString("format"),
        row.getLong("virtual_size"),
        row.getString("hostname"),
        Optional.ofNullable(row.getString("machine_id")).filter(id -> !id.isEmpty()),
        keys.stream().map(Key::key).toList(),
        Instant.parse(row.getString("created_at")));
  }

  static Clone.Kind kind(String text) {
    return Clone.Kind.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static String text(Clone.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
