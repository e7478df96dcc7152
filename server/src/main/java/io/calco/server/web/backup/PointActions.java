package io.calco.server.web.backup;

import io.calco.engine.backup.served.BackupOrders;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// What is done to a point: it becomes an image, is held, remarked upon, forgotten.
public final class PointActions implements Page {
  private final ServedBackups backups;
  private final BackupOrders orders;

  /// To points of these.
  public PointActions(ServedBackups backups, BackupOrders orders) {
    this.backups = backups;
    this.orders = orders;
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .post(PointPage.PATH + "/image", this::image)
        .post(PointPage.PATH + "/hold", this::hold)
        .post(PointPage.PATH + "/release", this::release)
        .post(PointPage.PATH + "/remarks", this::remark)
        .get(PointPage.PATH + "/forget", this::ask)
        .post(PointPage.PATH + "/forget", this::forget);
  }

  private Found find(Visit visit) throws IOException {
    return PointPage.find(backups, visit);
  }

  private static View back(Found found, String notice) {
    return View.redirect(PointView.path(found.repository(), found.point()), notice);
  }

  private View image(Visit visit) throws IOException {
    Found found = find(visit);
    return View.redirect("/jobs/" + orders.image(visit.admin(), found, visit.field("name")).id());
  }

  private View hold(Visit visit) throws IOException {
    Found found = find(visit);
    orders.hold(visit.admin(), found, visit.field("reason"));
    return back(found, "backups.isheld");
  }

  private View release(Visit visit) throws IOException {
    Found found = find(visit);
    orders.release(visit.admin(), found);
    return back(found, "backups.isreleased");
  }

  private View remark(Visit visit) throws IOException {
    Found found = find(visit);
    List<String> tags =
        Stream.of(visit.field("tags").split(",", -1))
            .map(String::strip)
            .filter(tag -> !tag.isEmpty())
            .distinct()
            .toList();
    orders.remark(visit.admin(), found, visit.field("label"), visit.field("note"), tags);
    return back(found, "backups.saved");
  }

  private View ask(Visit visit) throws IOException {
    Found found = find(visit);
    return View.page(
        "backup/forget", new PointView(found.repository(), found.point(), visit.text()));
  }

  private View forget(Visit visit) throws IOException {
    Found found = find(visit);
    orders.forget(visit.admin(), found);
    return View.redirect("/backups", "backups.forgotten");
  }
}
