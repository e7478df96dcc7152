package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The table of which image a template's version was made from; called within transactions.
final class TemplateImageTable {
  private static final String SELECT =
      "select version_id, image_id, blob, image_name, as_it_is from template_image ";

  private final Database database;

  TemplateImageTable(Database database) {
    this.database = database;
  }

  void insert(TemplateImage from) throws SQLException {
    database.update(
        "insert into template_image (version_id, image_id, blob, image_name, as_it_is) values (?, ?, ?, ?, ?)",
        from.versionId(),
        from.imageId(),
        from.blob(),
        from.imageName(),
        from.asItIs());
  }

  List<ImageUse> usesOf(String imageId) throws SQLException {
    return database.list(
        """
        select t.name, v.version, v.id from template_image i
          join template_version v on v.id = i.version_id join template t on t.id = v.template_id
        where i.image_id = ? order by t.name, v.version
        """,
        row -> new ImageUse(row.getString(1), row.getInt(2), clonesOf(row.getString(3))),
        imageId);
  }

  private List<ImageUse.Made> clonesOf(String versionId) throws SQLException {
    return database.list(
        "select name, kind from clone where version_id = ? order by name",
        row -> new ImageUse.Made(row.getString(1), CloneTable.kind(row.getString(2))),
        versionId);
  }

  /// A version of a template that is an image's content as it is.
  Optional<TemplateImage> findAsItIs(String blob) throws SQLException {
    return database.find(
        SELECT + "where blob = ? and as_it_is = 1 limit 1", TemplateImageTable::image, blob);
  }

  Optional<TemplateImage> find(String versionId) throws SQLException {
    return database.find(SELECT + "where version_id = ?", TemplateImageTable::image, versionId);
  }

  private static TemplateImage image(ResultSet row) throws SQLException {
    return new TemplateImage(
        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getInt(5) != 0);
  }
}
