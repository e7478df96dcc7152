package io.calco.server.web.backup;

import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.served.PointContents;
import io.calco.engine.backup.served.PointContents.Directory;
import io.calco.engine.backup.served.PointContents.SavedFile;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.VolumeUse;
import io.calco.server.image.ExportDownload;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is in a point: directories to look into, files to save, and the whole disk in any format.
///
/// A guest's files are only ever saved: as bytes of no type, under a name of their own.
public final class FilesPage implements Page {
  private final ServedBackups backups;
  private final PointContents contents;

  /// Shows what is in these.
  public FilesPage(ServedBackups backups, PointContents contents) {
    this.backups = backups;
    this.contents = contents;
  }

  /// A directory.
  ///
  /// @param view the point
  /// @param volumes that can be read
  /// @param volume which it is in; empty for the tree that the guest mounts
  /// @param directory empty where there is none to show
  /// @param from how many names come before
  record Model(
      PointView view,
      List<VolumeUse> volumes,
      String volume,
      Optional<Directory> directory,
      int from) {
    Model {
      volumes = List.copyOf(volumes);
    }

    /// The place of a path in this volume.
    String place(String path) {
      return (volume.isEmpty() ? "" : volume + ":") + path;
    }

    String here() {
      return place(directory.map(shown -> shown.part().path()).orElse("/"));
    }

    /// The directories above, from the root on.
    List<Step> trail() {
      List<Step> trail = new ArrayList<>();
      String path = directory.map(shown -> shown.part().path()).orElse("/");
      for (int at = path.indexOf('/', 1); path.length() > 1; at = path.indexOf('/', at + 1)) {
        String part = at < 0 ? path : path.substring(0, at);
        trail.add(
            new Step(PointView.shown(part.substring(part.lastIndexOf('/') + 1)), place(part)));
        if (at < 0) {
          break;
        }
      }
      return trail;
    }

    int next() {
      return from + PointContents.PAGE;
    }

    boolean more() {
      return directory.map(shown -> next() < shown.part().all()).orElse(false);
    }

    static boolean isDirectory(FileEntry file) {
      return file.kind() == FileEntry.Kind.DIRECTORY;
    }

    static boolean isFile(FileEntry file) {
      return file.kind() == FileEntry.Kind.FILE;
    }
  }

  /// A directory above.
  record Step(String name, String place) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get(PointPage.PATH + "/files", this::list)
        .get(PointPage.PATH + "/file", this::save)
        .get(PointPage.PATH + "/disk", this::download);
  }

  private View list(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    PointView view = new PointView(found.repository(), found.point(), visit.text());
    int from = visit.from();
    String at = visit.query("at");
    try {
      Directory shown = contents.list(found, at, from);
      return View.page(
          "backup/files",
          new Model(
              view, shown.volumes(), shown.place().volume().orElse(""), Optional.of(shown), from));
    } catch (OperationException noTree) {
      if (!at.isEmpty()) {
        throw noTree;
      }
      return View.page(
          "backup/files", new Model(view, contents.volumes(found), "", Optional.empty(), 0));
    }
  }

  private View save(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    try (SavedFile file = contents.file(visit.caller(), found, visit.query("at"))) {
      Context request = visit.request();
      String coded =
          URLEncoder.encode(file.entry().name(), StandardCharsets.UTF_8).replace("+", "%20");
      request
          .contentType("application/octet-stream")
          .header("Content-Disposition", "attachment; filename*=UTF-8''" + coded);
      request.res().setContentLengthLong(file.entry().size());
      file.send(request.res().getOutputStream());
    }
    return new View.Done();
  }

  private View download(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    String format = visit.query("format");
    if (format.isEmpty()) {
      throw new OperationException(
          Kind.USAGE, "A restore point is sent in a format: name one with ?format=qcow2.");
    }
    ExportFormat how = ExportFormat.parse(Optional.of(format), Optional.empty(), Optional.empty());
    try (ImageExport export = contents.export(visit.caller(), found, how, JobContext.SILENT)) {
      ExportDownload.send(visit.request(), export);
    }
    return new View.Done();
  }
}
