package io.calco.catalog;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The table of where content lies; called within transactions. Most images have one location of
/// which nothing is said, and no row.
final class ImageLocationTable {
  private final Database database;

  ImageLocationTable(Database database) {
    this.database = database;
  }

  /// Those of several images, by the image's id.
  ///
  /// @param marks as many question marks as there are ids
  Map<String, List<ImageLocation>> of(String marks, Object... ids) throws SQLException {
    Map<String, List<ImageLocation>> all = new HashMap<>();
    database.list(
        "select image_id, place, metadata from image_location where image_id in (%s) order by image_id, position"
            .formatted(marks),
        row ->
            all.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                .add(new ImageLocation(row.getString(2), row.getString(3))),
        ids);
    return all;
  }

  void update(String imageId, Optional<ImageData> before, Optional<ImageData> after)
      throws SQLException {
    List<ImageLocation> known = rows(before);
    List<ImageLocation> wanted = rows(after);
    if (known.equals(wanted)) {
      return;
    }
    if (!known.isEmpty()) {
      database.update("delete from image_location where image_id = ?", imageId);
    }
    for (int i = 0; i < wanted.size(); i++) {
      database.update(
          "insert into image_location (image_id, position, place, metadata) values (?, ?, ?, ?)",
          imageId,
          i,
          wanted.get(i).place(),
          wanted.get(i).metadata());
    }
  }

  private static List<ImageLocation> rows(Optional<ImageData> data) {
    if (data.isEmpty()) {
      return List.of();
    }
    List<ImageLocation> all = data.get().locations();
    boolean told = all.size() > 1 || !all.getFirst().metadata().equals(ImageLocation.SILENT);
    return told ? all : List.of();
  }
}
