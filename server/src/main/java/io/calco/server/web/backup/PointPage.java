package io.calco.server.web.backup;

import io.calco.backup.DiskFacts;
import io.calco.backup.PartitionFacts;
import io.calco.catalog.ImageInspection;
import io.calco.engine.backup.served.PointContents;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.images.VolumeFilling;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.calco.server.web.image.DiskPicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// `/backups/points/{repository}/{point}`: all that is recorded of a point, to be read and printed.
public final class PointPage implements Page {
  static final String PATH = "/backups/points/{repository}/{point}";

  private final ServedBackups backups;
  private final PointContents contents;

  /// Shows points of these.
  public PointPage(ServedBackups backups, PointContents contents) {
    this.backups = backups;
    this.contents = contents;
  }

  /// What the page shows.
  ///
  /// @param view the point
  /// @param picture of its disk; empty where there is nothing to draw
  /// @param before the point before it of the same machine
  record Model(PointView view, Optional<DiskPicture> picture, Optional<PointView> before) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes.get(PATH, this::show);
  }

  static Found find(ServedBackups backups, Visit visit) throws IOException {
    return backups.find(visit.admin(), visit.path("repository"), visit.path("point"));
  }

  private View show(Visit visit) throws IOException {
    Found found = find(backups, visit);
    PointView view = new PointView(found.repository(), found.point(), visit.text());
    Optional<PointView> before =
        backups.board(visit.admin(), found.repository()).machines().stream()
            .filter(machine -> machine.name().equals(found.point().machine()))
            .flatMap(machine -> machine.points().stream())
            .filter(point -> point.created().isBefore(found.point().created()))
            .reduce((older, newer) -> newer)
            .map(point -> new PointView(found.repository(), point, visit.text()));
    return View.page(
        "backup/point",
        new Model(view, picture(found.point().disk(), contents.maps(found)), before));
  }

  /// The picture of a point's disk.
  static Optional<DiskPicture> picture(DiskFacts disk, List<VolumeFilling> maps) {
    List<ImageInspection.Volume> volumes = new ArrayList<>();
    for (PartitionFacts partition : disk.partitions()) {
      if (!partition.extended()) {
        volumes.add(
            volume(
                partition.number(),
                partition.start(),
                partition.length(),
                partition.typeName(),
                partition.content().orElse("")));
      }
    }
    if (volumes.isEmpty()) {
      volumes.add(
          new ImageInspection.Volume(
              OptionalInt.empty(),
              "",
              OptionalLong.of(0),
              disk.size(),
              disk.used(),
              "",
              disk.content().orElse(""),
              disk.label().orElse(""),
              "",
              ""));
    }
    return picture(disk.table().orElse(""), volumes, maps, disk.size());
  }

  static ImageInspection.Volume volume(
      int number, long start, long length, String type, String content) {
    return new ImageInspection.Volume(
        OptionalInt.of(number),
        "",
        OptionalLong.of(start),
        length,
        OptionalLong.empty(),
        type,
        content,
        "",
        "",
        "");
  }

  static Optional<DiskPicture> picture(
      String table, List<ImageInspection.Volume> volumes, List<VolumeFilling> maps, long size) {
    return DiskPicture.of(
        new ImageInspection(
            "raw",
            table,
            ImageInspection.BootMode.NONE,
            ImageInspection.OperatingSystem.NONE,
            volumes,
            "",
            java.time.Instant.EPOCH),
        maps,
        size);
  }
}
