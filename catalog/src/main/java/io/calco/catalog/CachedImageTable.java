package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The table of images that are to be at hand; called within transactions.
final class CachedImageTable {
  private static final String SELECT =
      "select image_id, state, blob, size, hits, last_accessed, last_modified from image_cache";

  private final Database database;

  CachedImageTable(Database database) {
    this.database = database;
  }

  Optional<CachedImage> find(String imageId) throws SQLException {
    return database.find(SELECT + " where image_id = ?", CachedImageTable::image, imageId);
  }

  List<CachedImage> all() throws SQLException {
    return database.list(SELECT + " order by last_modified, image_id", CachedImageTable::image);
  }

  void put(CachedImage image) throws SQLException {
    delete(image.imageId());
    database.update(
        """
        insert into image_cache (image_id, state, blob, size, hits, last_accessed, last_modified)
        values (?, ?, ?, ?, ?, ?, ?)
        """,
        image.imageId(),
        image.state().text(),
        image.blob(),
        image.size(),
        image.hits(),
        Moments.text(image.lastAccessed()),
        Moments.text(image.lastModified()));
  }

  void hit(String imageId, Instant now) throws SQLException {
    database.update(
        "update image_cache set hits = hits + 1, last_accessed = ? where image_id = ?",
        Moments.text(now),
        imageId);
  }

  boolean delete(String imageId) throws SQLException {
    return database.update("delete from image_cache where image_id = ?", imageId) == 1;
  }

  private static CachedImage image(ResultSet row) throws SQLException {
    return new CachedImage(
        row.getString(1),
        CachedImage.State.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        row.getString(3),
        row.getLong(4),
        row.getLong(5),
        Instant.parse(row.getString(6)),
        Instant.parse(row.getString(7)));
  }
}
