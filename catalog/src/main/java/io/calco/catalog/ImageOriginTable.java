package io.calco.catalog;

import io.calco.catalog.ImageOrigin.Kind;
import io.calco.catalog.ImageOrigin.Verified;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/// The table of where images came from; called within transactions.
final class ImageOriginTable {
  private final Database database;

  ImageOriginTable(Database database) {
    this.database = database;
  }

  void put(String imageId, ImageOrigin origin) throws SQLException {
    database.update("delete from image_origin where image_id = ?", imageId);
    Verified verified = origin.verified();
    database.update(
        """
        insert into image_origin (image_id, kind, place, taken_by, taken_at, checksum, checksum_list, key_fingerprint,
          signer, signed_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        imageId,
        origin.kind().text(),
        origin.place(),
        origin.takenBy(),
        Moments.text(origin.takenAt()),
        verified.checksum(),
        verified.checksumList(),
        verified.keyFingerprint(),
        verified.signer(),
        verified.signedAt().map(Moments::text).orElse(""));
  }

  Optional<ImageOrigin> find(String imageId) throws SQLException {
    return database.find(
        """
        select kind, place, taken_by, taken_at, checksum, checksum_list, key_fingerprint, signer, signed_at
        from image_origin where image_id = ?
        """,
        ImageOriginTable::origin,
        imageId);
  }

  private static ImageOrigin origin(ResultSet row) throws SQLException {
    String signedAt = row.getString(9);
    return new ImageOrigin(
        Kind.of(row.getString(1)),
        row.getString(2),
        row.getString(3),
        Instant.parse(row.getString(4)),
        new Verified(
            row.getString(5),
            row.getString(6),
            row.getString(7),
            row.getString(8),
            signedAt.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(signedAt))));
  }
}
