package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The table of images' other names; called within transactions.
final class ImageAliasTable {
  private static final String SELECT =
      "select owner, name, target, everybody, created_at from image_alias ";

  private final Database database;

  ImageAliasTable(Database database) {
    this.database = database;
  }

  void put(ImageAlias alias) throws SQLException {
    delete(alias.owner(), alias.name());
    database.update(
        "insert into image_alias (owner, name, target, everybody, created_at) values (?, ?, ?, ?, ?)",
        alias.owner(),
        alias.name(),
        alias.target(),
        alias.everybody(),
        Moments.text(alias.createdAt()));
  }

  boolean delete(String owner, String name) throws SQLException {
    return database.update("delete from image_alias where owner = ? and name = ?", owner, name)
        == 1;
  }

  /// The project's own before everybody's, the oldest first among those.
  Optional<ImageAlias> find(String owner, String name) throws SQLException {
    return database.find(
        SELECT
            + """
            where name = ? and (owner = ? or everybody = 1)
            order by case when owner = ? then 0 else 1 end, created_at, owner limit 1
            """,
        ImageAliasTable::alias,
        name,
        owner,
        owner);
  }

  List<ImageAlias> seenBy(String owner, int limit) throws SQLException {
    return database.list(
        SELECT + "where owner = ? or everybody = 1 order by name, created_at limit ?",
        ImageAliasTable::alias,
        owner,
        limit);
  }

  List<ImageAlias> of(List<String> targets, int limit) throws SQLException {
    List<Object> values = new ArrayList<>(targets);
    values.add(limit);
    return database.list(
        SELECT
            + "where target in (?%s) order by owner, name limit ?"
                .formatted(", ?".repeat(targets.size() - 1)),
        ImageAliasTable::alias,
        values.toArray());
  }

  private static ImageAlias alias(ResultSet row) throws SQLException {
    return new ImageAlias(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getInt(4) != 0,
        Instant.parse(row.getString(5)));
  }
}
