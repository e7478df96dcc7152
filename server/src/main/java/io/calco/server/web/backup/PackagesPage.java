package io.calco.server.web.backup;

import io.calco.backup.PackageList;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.Optional;

/// `/backups/points/{repository}/{point}/packages`: what was installed, to be read and printed.
public final class PackagesPage implements Page {
  private final ServedBackups backups;

  /// Of points of these.
  public PackagesPage(ServedBackups backups) {
    this.backups = backups;
  }

  /// What the page shows.
  ///
  /// @param view the point
  /// @param packages empty when nothing is known of them
  record Model(PointView view, Optional<PackageList> packages) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes.get(PointPage.PATH + "/packages", this::show);
  }

  private View show(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    return View.page(
        "backup/packages",
        new Model(
            new PointView(found.repository(), found.point(), visit.text()),
            backups.packages(found)));
  }
}
