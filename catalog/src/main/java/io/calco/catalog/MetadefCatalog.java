package io.calco.catalog;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Definitions of metadata. Every method that changes something is one transaction, on the medium
/// when it returns.
///
/// Thread rule: safe for several threads.
public final class MetadefCatalog {
  private static final String NAMESPACES =
      """
      select name, owner, visibility, protected, display_name, description, created_at, updated_at
      from metadef_namespace
      """;
  private static final String ITEMS =
      "select namespace, kind, name, body, created_at, updated_at from metadef_item";

  private final Database database;

  MetadefCatalog(Database database) {
    this.database = database;
  }

  /// All namespaces, newest first.
  public List<MetadefNamespace> namespaces() throws IOException {
    return database.read(() ->
        database.list(NAMESPACES + " order by created_at desc, name", MetadefCatalog::namespace));
  }

  /// The namespace of that name.
  public Optional<MetadefNamespace> findNamespace(String name) throws IOException {
    return database.read(
        () -> database.find(NAMESPACES + " where name = ?", MetadefCatalog::namespace, name));
  }

  /// Adds a namespace.
  ///
  /// @throws CatalogException.Taken when there is one of that name
  public void addNamespace(MetadefNamespace namespace) throws IOException {
    database.write(() ->
        insert(
            "Namespace %s already exists.".formatted(namespace.name()),
            """
            insert into metadef_namespace (name, owner, visibility, protected, display_name, description,
              created_at, updated_at)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            namespace.name(),
            namespace.owner(),
            visibility(namespace),
            namespace.isProtected(),
            namespace.displayName(),
            namespace.description(),
            Moments.text(namespace.createdAt()),
            Moments.text(namespace.updatedAt())));
  }

  private int insert(String taken, String sql, Object... values)
      throws SQLException, CatalogException {
    try {
      return database.update(sql, values);
    } catch (SQLException e) {
      if (!Database.takenColumn(e).isEmpty()) {
        throw new CatalogException.Taken(taken, e);
      }
      throw e;
    }
  }

  private static String visibility(MetadefNamespace namespace) {
    return namespace.isPublic() ? "public" : "private";
  }

  /// Changes a namespace, its name too.
  ///
  /// @param name as it was
  /// @throws CatalogException.Gone when it is not there
  /// @throws CatalogException.Taken when the new name is another's
  public void updateNamespace(String name, MetadefNamespace namespace) throws IOException {
    int changed =
        database.write(() ->
            insert(
                "Namespace %s already exists.".formatted(namespace.name()),
                """
                update metadef_namespace set name = ?, owner = ?, visibility = ?, protected = ?, display_name = ?,
                  description = ?, updated_at = ?
                where name = ?
                """,
                namespace.name(),
                namespace.owner(),
                visibility(namespace),
                namespace.isProtected(),
                namespace.displayName(),
                namespace.description(),
                Moments.text(Moments.now()),
                name));
    requireThere(changed, "namespace " + name);
  }

  /// Forgets a namespace and all in it.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void deleteNamespace(String name) throws IOException {
    requireThere(
        database.write(() -> database.update("delete from metadef_namespace where name = ?", name)),
        "namespace " + name);
  }

  private static void requireThere(int changed, String what) throws CatalogException.Gone {
    if (changed == 0) {
      throw new CatalogException.Gone("there is no " + what);
    }
  }

  /// The words of one kind in a namespace, by name.
  public List<MetadefItem> items(String namespace, MetadefItem.Kind kind) throws IOException {
    return database.read(() ->
        database.list(
            ITEMS + " where namespace = ? and kind = ? order by name",
            MetadefCatalog::item,
            namespace,
            kind.text()));
  }

  /// The word of that name.
  public Optional<MetadefItem> findItem(String namespace, MetadefItem.Kind kind, String name)
      throws IOException {
    return database.read(() ->
        database.find(
            ITEMS + " where namespace = ? and kind = ? and name = ?",
            MetadefCatalog::item,
            namespace,
            kind.text(),
            name));
  }

  /// Adds words: all, or none.
  ///
  /// @throws CatalogException.Taken when there is one of that name
  public void addItems(List<MetadefItem> items) throws IOException {
    database.write(() -> insert(items));
  }

  private boolean insert(List<MetadefItem> items) throws SQLException, CatalogException {
    for (MetadefItem item : items) {
      insert(
          "%s %s already exists in namespace %s."
              .formatted(item.kind().text(), item.name(), item.namespace()),
          """
          insert into metadef_item (namespace, kind, name, body, created_at, updated_at) values (?, ?, ?, ?, ?, ?)
          """,
          item.namespace(),
          item.kind().text(),
          item.name(),
          item.body(),
          Moments.text(item.createdAt()),
          Moments.text(item.updatedAt()));
    }
    return true;
  }

  /// Makes these the words of one kind in a namespace, at one stroke.
  public void replaceItems(String namespace, MetadefItem.Kind kind, List<MetadefItem> items)
      throws IOException {
    database.write(() -> {
      database.update(
          "delete from metadef_item where namespace = ? and kind = ?", namespace, kind.text());
      return insert(items);
    });
  }

  /// Changes a word, its name too.
  ///
  /// @param name as it was
  /// @throws CatalogException.Gone when it is not there
  /// @throws CatalogException.Taken when the new name is another's
  public void updateItem(String name, MetadefItem item) throws IOException {
    int changed =
        database.write(() ->
            insert(
                "%s %s already exists in namespace %s."
                    .formatted(item.kind().text(), item.name(), item.namespace()),
                """
                update metadef_item set name = ?, body = ?, updated_at = ?
                where namespace = ? and kind = ? and name = ?
                """,
                item.name(),
                item.body(),
                Moments.text(Moments.now()),
                item.namespace(),
                item.kind().text(),
                name));
    requireThere(changed, "%s %s".formatted(item.kind().text(), name));
  }

  /// Forgets a word.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void deleteItem(String namespace, MetadefItem.Kind kind, String name) throws IOException {
    requireThere(
        database.write(() ->
            database.update(
                "delete from metadef_item where namespace = ? and kind = ? and name = ?",
                namespace,
                kind.text(),
                name)),
        "%s %s".formatted(kind.text(), name));
  }

  /// Forgets all words of one kind in a namespace.
  public void deleteItems(String namespace, MetadefItem.Kind kind) throws IOException {
    database.write(() ->
        database.update(
            "delete from metadef_item where namespace = ? and kind = ?", namespace, kind.text()));
  }

  private static MetadefNamespace namespace(ResultSet row) throws SQLException {
    return new MetadefNamespace(
        row.getString(1),
        row.getString(2),
        row.getString(3).equals("public"),
        row.getInt(4) != 0,
        row.getString(5),
        row.getString(6),
        Instant.parse(row.getString(7)),
        Instant.parse(row.getString(8)));
  }

  private static MetadefItem item(ResultSet row) throws SQLException {
    return new MetadefItem(
        row.getString(1),
        MetadefItem.Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        row.getString(3),
        row.getString(4),
        Instant.parse(row.getString(5)),
        Instant.parse(row.getString(6)));
  }
}
