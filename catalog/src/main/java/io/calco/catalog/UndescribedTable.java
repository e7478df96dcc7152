package io.calco.catalog;

import java.sql.SQLException;
import java.util.List;

/// The table of images that are to be described anew; called within the transactions that change
/// them.
final class UndescribedTable {
  /// Only they have content that is theirs.
  private static final String LASTING = "status in ('active', 'deactivated')";

  private final Database database;

  UndescribedTable(Database database) {
    this.database = database;
  }

  /// Notes that an image changed.
  void mark(String imageId) throws SQLException {
    boolean lasts =
        database
            .find(
                "select id from image where id = ? and " + LASTING,
                row -> row.getString(1),
                imageId)
            .isPresent();
    if (lasts) {
      note(imageId);
    }
  }

  private void note(String imageId) throws SQLException {
    database.update("update image_mark set last = last + 1");
    if (database.update(
            "update image_undescribed set mark = (select last from image_mark) where image_id = ?",
            imageId)
        == 0) {
      database.update(
          "insert into image_undescribed (image_id, mark) select ?, last from image_mark", imageId);
    }
  }

  /// Notes that another name changed, of all images that its target could mean: by their id, their
  /// name, or that of their family.
  void markMeant(String target) throws SQLException {
    String family =
        target.endsWith(":latest")
            ? target.substring(0, target.length() - ":latest".length())
            : target;
    List<String> meant =
        database.list(
            "select id from image where (id = ? or name = ? or name = ? or name >= ? and name < ?) and "
                + LASTING,
            row -> row.getString(1),
            target,
            target,
            family,
            family + ":",
            family + ";");
    for (String id : meant) {
      note(id);
    }
  }

  long last() throws SQLException {
    return database.find("select last from image_mark", row -> row.getLong(1)).orElse(0L);
  }

  List<Undescribed> list(Undescribed after, int limit) throws SQLException {
    return database.list(
        """
        select image_id, mark from image_undescribed where mark > ? or mark = ? and image_id > ?
        order by mark, image_id limit ?
        """,
        row -> new Undescribed(row.getString(1), row.getLong(2)),
        after.mark(),
        after.mark(),
        after.imageId(),
        limit);
  }

  boolean remove(Undescribed written) throws SQLException {
    return database.update(
            "delete from image_undescribed where image_id = ? and mark = ?",
            written.imageId(),
            written.mark())
        == 1;
  }
}
