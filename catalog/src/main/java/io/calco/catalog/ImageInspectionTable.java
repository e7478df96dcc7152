package io.calco.catalog;

import io.calco.catalog.ImageInspection.BootMode;
import io.calco.catalog.ImageInspection.OperatingSystem;
import io.calco.catalog.ImageInspection.Volume;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The tables of what was found in images; called within transactions.
final class ImageInspectionTable {
  private static final int IDS_AT_ONCE = 64;

  private final Database database;

  ImageInspectionTable(Database database) {
    this.database = database;
  }

  /// Replaces what is known of an image.
  void put(String imageId, ImageInspection found) throws SQLException {
    database.update("delete from image_inspection where image_id = ?", imageId);
    OperatingSystem system = found.system();
    database.update(
        """
        insert into image_inspection (image_id, format, partition_table, boot_mode, system, os_id, os_version, os_name,
          architecture, problem, inspected_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        imageId,
        found.format(),
        found.partitionTable(),
        found.bootMode().text(),
        system.kind(),
        system.id(),
        system.version(),
        system.name(),
        system.architecture(),
        found.problem(),
        Moments.text(found.inspectedAt()));
    for (int position = 0; position < found.volumes().size(); position++) {
      Volume volume = found.volumes().get(position);
      database.update(
          """
          insert into image_volume (image_id, position, number, device, start, size, used, type, content, label,
            mount_point, problem)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          imageId,
          position,
          volume.number().orElse(-1),
          volume.device(),
          volume.start().orElse(-1),
          volume.size(),
          volume.used().orElse(-1),
          volume.type(),
          volume.content(),
          volume.label(),
          volume.mountPoint(),
          volume.problem());
    }
  }

  /// What is known of some images, by id.
  Map<String, ImageInspection> find(List<String> imageIds) throws SQLException {
    Map<String, ImageInspection> all = new HashMap<>();
    for (int at = 0; at < imageIds.size(); at += IDS_AT_ONCE) {
      find(imageIds.subList(at, Math.min(at + IDS_AT_ONCE, imageIds.size())), all);
    }
    return all;
  }

  private void find(List<String> imageIds, Map<String, ImageInspection> all) throws SQLException {
    Object[] ids = ImageTable.filledUp(imageIds);
    String marks = "?" + ", ?".repeat(ids.length - 1);
    Map<String, List<Volume>> volumes = new HashMap<>();
    database.list(
        """
        select image_id, number, device, start, size, used, type, content, label, mount_point, problem
        from image_volume where image_id in (%s) order by image_id, position
        """
            .formatted(marks),
        row -> volumes.computeIfAbsent(row.getString(1), _ -> new ArrayList<>()).add(volume(row)),
        ids);
    database.list(
        """
        select image_id, format, partition_table, boot_mode, system, os_id, os_version, os_name, architecture, problem,
          inspected_at
        from image_inspection where image_id in (%s)
        """
            .formatted(marks),
        row -> {
          String id = row.getString(1);
          return Optional.ofNullable(
              all.put(id, inspection(row, volumes.getOrDefault(id, List.of()))));
        },
        ids);
  }

  private static ImageInspection inspection(ResultSet row, List<Volume> volumes)
      throws SQLException {
    return new ImageInspection(
        row.getString(2),
        row.getString(3),
        BootMode.of(row.getString(4)),
        new OperatingSystem(
            row.getString(5),
            row.getString(6),
            row.getString(7),
            row.getString(8),
            row.getString(9)),
        volumes,
        row.getString(10),
        Instant.parse(row.getString(11)));
  }

  private static Volume volume(ResultSet row) throws SQLException {
    int number = row.getInt(2);
    return new Volume(
        number < 0 ? OptionalInt.empty() : OptionalInt.of(number),
        row.getString(3),
        known(row.getLong(4)),
        row.getLong(5),
        known(row.getLong(6)),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getString(11));
  }

  private static OptionalLong known(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
