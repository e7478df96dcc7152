package io.calco.server.web.image;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageInspection;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageFormatNames;
import io.calco.engine.images.ImageInspections;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// `/images`: the catalogue.
public final class CataloguePage implements Page {
  private final Images images;
  private final ImageInspections inspections;

  /// Shows these.
  public CataloguePage(ImageService service) {
    this.images = service.images();
    this.inspections = service.inspections();
  }

  /// What the page shows.
  ///
  /// @param rows a page of images
  /// @param filter which
  /// @param next the query of the next page; empty on the last
  /// @param mayAdd whether the caller may add images
  record Model(List<Row> rows, CatalogueFilter filter, Optional<String> next, boolean mayAdd) {
    Model {
      rows = List.copyOf(rows);
    }

    List<String> visibilities() {
      return Stream.concat(
              Stream.of(Visibility.values()).map(Visibility::text),
              Stream.of(CatalogueFilter.OFFERED))
          .toList();
    }

    List<String> statuses() {
      return Stream.of(Status.values()).map(Status::text).toList();
    }

    List<String> formats() {
      return ImageFormatNames.DISK.stream().sorted().toList();
    }
  }

  /// An image in the list.
  ///
  /// @param image all of it
  /// @param foreign whether another project owns it
  /// @param inspection what was found in it, if anybody looked
  record Row(ImageEntry image, boolean foreign, Optional<ImageInspection> inspection) {
    String name() {
      return ImageNames.shown(image);
    }

    /// What its properties say, or else what was found.
    String os() {
      String said = ImageNames.os(image);
      return said.isEmpty()
          ? inspection.map(found -> DiskPicture.printable(found.system().name())).orElse("")
          : said;
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAll("/images", "images.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes.get("/images", this::show);
  }

  private View show(Visit visit) throws IOException {
    Caller caller = visit.caller();
    CatalogueFilter filter = CatalogueFilter.of(visit);
    List<ImageEntry> found =
        new ArrayList<>(images.list(caller, filter.query(Images.sight(caller))));
    Optional<String> next = Optional.empty();
    if (found.size() > CatalogueFilter.PAGE) {
      found.removeLast();
      next = Optional.of(filter.next(found.getLast().id()));
    }
    String project = caller.projectId().orElse("");
    Map<String, ImageInspection> known = inspections.of(found);
    return View.page(
        "image/catalogue",
        new Model(
            found.stream()
                .map(image ->
                    new Row(
                        image,
                        !image.owner().equals(project),
                        Optional.ofNullable(known.get(image.id()))))
                .toList(),
            filter,
            next,
            caller.isAdmin() || caller.has(Caller.MEMBER)));
  }
}
