package io.calco.server.web.backup;

import io.calco.catalog.ImageEntry;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.served.BackupOrders;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.host.HostWork;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;

/// `/backups/new`: an image of the catalogue is backed up now; and what is done to a whole
/// repository.
public final class NewPointPage implements Page {
  private final ServedBackups backups;
  private final BackupOrders orders;
  private final HostWork host;

  /// Into these repositories.
  ///
  /// @param host tells which images there are
  public NewPointPage(ServedBackups backups, BackupOrders orders, HostWork host) {
    this.backups = backups;
    this.orders = orders;
    this.host = host;
  }

  /// What the page shows.
  ///
  /// @param images to choose from, the newest first
  /// @param repositories to choose from
  /// @param image that is chosen; empty for none
  /// @param repository that is chosen; empty for none
  /// @param typed machine, label and note
  /// @param problem why it could not be done; empty for nothing
  record Model(
      List<ImageEntry> images,
      List<String> repositories,
      String image,
      String repository,
      BackupOrders.NewPoint typed,
      String problem) {
    Model {
      images = List.copyOf(images);
      repositories = List.copyOf(repositories);
    }

    static String name(ImageEntry image) {
      return image.facts().name().isBlank() ? image.id() : PointView.shown(image.facts().name());
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/backups/new", this::show)
        .post("/backups/new", this::create)
        .post(
            "/backups/repositories/{repository}/verify",
            visit ->
                View.redirect(
                    "/jobs/" + orders.verify(visit.admin(), visit.path("repository")).id()))
        .post(
            "/backups/repositories/{repository}/prune",
            visit ->
                View.redirect(
                    "/jobs/" + orders.prune(visit.admin(), visit.path("repository")).id()));
  }

  private View show(Visit visit) throws IOException {
    return page(
        visit,
        HttpStatus.OK,
        visit.query("image"),
        visit.query("repository"),
        new BackupOrders.NewPoint("", "", ""),
        "");
  }

  private View page(
      Visit visit,
      HttpStatus status,
      String image,
      String repository,
      BackupOrders.NewPoint typed,
      String problem)
      throws IOException {
    return new View.Html(
        status,
        "backup/new",
        new Model(
            host.images(visit.admin()),
            backups.names(visit.admin()),
            image,
            repository,
            typed,
            problem));
  }

  private View create(Visit visit) throws IOException {
    BackupOrders.NewPoint wanted =
        new BackupOrders.NewPoint(
            visit.field("machine"), visit.field("label"), visit.field("note"));
    String image = visit.field("image");
    String repository = visit.field("repository");
    try {
      return View.redirect("/jobs/" + orders.create(visit.admin(), repository, image, wanted).id());
    } catch (OperationException e) {
      if (e.kind() == Kind.DENIED) {
        throw e;
      }
      return page(
          visit,
          HttpStatus.UNPROCESSABLE_CONTENT,
          image,
          repository,
          wanted,
          String.valueOf(e.getMessage()));
    }
  }
}
