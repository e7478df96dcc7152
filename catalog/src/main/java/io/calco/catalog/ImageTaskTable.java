package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The table of what is done to images in the background; called within transactions.
final class ImageTaskTable {
  private static final String SELECT =
      """
      select id, image_id, type, status, owner, user_id, request_id, input, result, message, created_at, updated_at,
        expires_at
      from image_task
      """;

  private final Database database;

  ImageTaskTable(Database database) {
    this.database = database;
  }

  void insert(ImageTask task) throws SQLException {
    database.update(
        """
        insert into image_task (id, image_id, type, status, owner, user_id, request_id, input, result, message,
          created_at, updated_at, expires_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        task.id(),
        task.imageId(),
        task.type(),
        task.status().text(),
        task.owner(),
        task.user(),
        task.requestId(),
        task.input(),
        task.result(),
        task.message(),
        Moments.text(task.createdAt()),
        Moments.text(task.updatedAt()),
        Moments.text(task.expiresAt()));
  }

  void update(ImageTask task, Instant now) throws SQLException {
    database.update(
        "update image_task set status = ?, result = ?, message = ?, updated_at = ? where id = ?",
        task.status().text(),
        task.result(),
        task.message(),
        Moments.text(now),
        task.id());
  }

  Optional<ImageTask> find(String id) throws SQLException {
    return database.find(SELECT + " where id = ?", ImageTaskTable::task, id);
  }

  List<ImageTask> of(String imageId) throws SQLException {
    return database.list(
        SELECT + " where image_id = ? order by created_at, id", ImageTaskTable::task, imageId);
  }

  List<ImageTask> list(ImageTaskQuery query) throws SQLException, CatalogException {
    String column = query.order().column();
    String direction = query.direction() == ImageQuery.Direction.ASCENDING ? "asc" : "desc";
    List<Object> values = new ArrayList<>();
    StringBuilder where = new StringBuilder(" where 1 = 1");
    query
        .type()
        .ifPresent(type -> {
          where.append(" and type = ?");
          values.add(type);
        });
    query
        .status()
        .ifPresent(status -> {
          where.append(" and status = ?");
          values.add(status.text());
        });
    if (query.after().isPresent()) {
      String id = query.after().get();
      if (find(id).isEmpty()) {
        throw new CatalogException.Gone("there is no task %s".formatted(id));
      }
      where.append(
          " and (%s, id) %s (select %s, id from image_task where id = ?)"
              .formatted(column, direction.equals("asc") ? ">" : "<", column));
      values.add(id);
    }
    values.add(query.limit());
    return database.list(
        SELECT + where + " order by %s %s, id %s limit ?".formatted(column, direction, direction),
        ImageTaskTable::task,
        values.toArray());
  }

  List<ImageTask> unfinished() throws SQLException {
    return database.list(
        SELECT + " where status in ('pending', 'processing') order by created_at, id",
        ImageTaskTable::task);
  }

  void deleteExpired(Instant now) throws SQLException {
    database.update(
        "delete from image_task where expires_at < ? and status in ('success', 'failure')",
        Moments.text(now));
  }

  private static ImageTask task(ResultSet row) throws SQLException {
    return new ImageTask(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        ImageTask.Status.valueOf(row.getString(4).toUpperCase(Locale.ROOT)),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        Instant.parse(row.getString(11)),
        Instant.parse(row.getString(12)),
        Instant.parse(row.getString(13)));
  }
}
