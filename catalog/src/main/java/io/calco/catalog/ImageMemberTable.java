package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The table of whom images are shared with; called within transactions.
final class ImageMemberTable {
  private static final String SELECT =
      "select image_id, member, status, created_at, updated_at from image_member where image_id = ?";

  private final Database database;

  ImageMemberTable(Database database) {
    this.database = database;
  }

  List<ImageMember> of(String imageId) throws SQLException {
    return database.list(
        SELECT + " order by created_at, member", ImageMemberTable::member, imageId);
  }

  Optional<ImageMember> find(String imageId, String member) throws SQLException {
    return database.find(SELECT + " and member = ?", ImageMemberTable::member, imageId, member);
  }

  ImageMember insert(String imageId, String member, Instant now)
      throws SQLException, CatalogException {
    try {
      database.update(
          """
          insert into image_member (image_id, member, status, created_at, updated_at)
          values (?, ?, 'pending', ?, ?)
          """,
          imageId,
          member,
          Moments.text(now),
          Moments.text(now));
    } catch (SQLException e) {
      if (!Database.takenColumn(e).isEmpty()) {
        throw new CatalogException.Taken(
            "image %s has the member %s already".formatted(imageId, member), e);
      }
      throw e;
    }
    return find(imageId, member).orElseThrow();
  }

  ImageMember update(String imageId, String member, ImageMember.Status status, Instant now)
      throws SQLException, CatalogException {
    database.update(
        "update image_member set status = ?, updated_at = ? where image_id = ? and member = ?",
        status.text(),
        Moments.text(now),
        imageId,
        member);
    return find(imageId, member).orElseThrow(() -> gone(imageId, member));
  }

  void delete(String imageId, String member) throws SQLException, CatalogException {
    if (database.update(
            "delete from image_member where image_id = ? and member = ?", imageId, member)
        == 0) {
      throw gone(imageId, member);
    }
  }

  private static CatalogException.Gone gone(String imageId, String member) {
    return new CatalogException.Gone("image %s has no member %s".formatted(imageId, member));
  }

  private static ImageMember member(ResultSet row) throws SQLException {
    return new ImageMember(
        row.getString(1),
        row.getString(2),
        ImageMember.Status.of(row.getString(3)).orElseThrow(),
        Instant.parse(row.getString(4)),
        Instant.parse(row.getString(5)));
  }
}
