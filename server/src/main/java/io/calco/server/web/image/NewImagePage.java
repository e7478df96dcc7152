package io.calco.server.web.image;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.engine.images.ImportRequest;
import io.calco.engine.upload.Upload;
import io.calco.engine.upload.Uploads;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.calco.server.web.MultipartForm;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// `/images/new`: how a new image comes, from a file or from the web.
public final class NewImagePage implements Page {
  /// As people call them; an appliance is a container that holds a VMDK.
  private static final List<String> FORMATS =
      List.of("qcow2", "raw", "iso", "vmdk", "vhd", "vhdx", "vdi", "ova", "ami", "aki", "ari");

  private final ImageService service;
  private final Images images;
  private final Uploads uploads;

  /// Adds to these.
  public NewImagePage(ImageService service, Uploads uploads) {
    this.service = service;
    this.images = service.images();
    this.uploads = uploads;
  }

  /// What the page shows.
  ///
  /// @param image that waits for content; empty for a new one
  /// @param unfinished uploads of the caller
  /// @param mayPublish whether the caller may make it public
  record Model(Optional<ImageEntry> image, List<Upload> unfinished, boolean mayPublish) {
    Model {
      unfinished = List.copyOf(unfinished);
    }

    List<String> formats() {
      return FORMATS;
    }

    List<String> visibilities() {
      return Stream.of(
              Visibility.PRIVATE, Visibility.SHARED, Visibility.COMMUNITY, Visibility.PUBLIC)
          .filter(each -> mayPublish || each != Visibility.PUBLIC)
          .map(Visibility::text)
          .toList();
    }

    /// The id of the image that waits; empty for a new one.
    String imageId() {
      return image.map(ImageEntry::id).orElse("");
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/images/new", this::show)
        .post("/images/new/file", this::receive)
        .post("/images/new/web", this::fetch);
  }

  private View show(Visit visit) throws IOException {
    Caller caller = visit.caller();
    requireMember(caller);
    Optional<ImageEntry> image = Optional.empty();
    if (!visit.query("image").isEmpty()) {
      image =
          Optional.of(images.get(caller, visit.query("image")))
              .filter(found -> found.status() == Status.QUEUED);
    }
    return View.page("image/new", new Model(image, uploads.of(caller), caller.isAdmin()));
  }

  private static void requireMember(Caller caller) {
    if (!caller.isAdmin() && !caller.has(Caller.MEMBER)) {
      throw new ApiException(
          HttpStatus.FORBIDDEN,
          "You are not authorized to add images: this needs the role member.");
    }
  }

  /// A file from a browser without scripts, in one piece.
  private View receive(Visit visit) throws IOException {
    MultipartForm form = MultipartForm.read(visit.request());
    if (form.fileName().isEmpty()) {
      throw new OperationException(Kind.USAGE, "No file was chosen.");
    }
    Target target = target(visit.caller(), form.fields(), form.fileName());
    try {
      service.transfers().upload(visit.caller(), target.id(), form.file(), OptionalLong.empty());
    } catch (IOException | RuntimeException e) {
      giveUp(visit.caller(), target);
      throw e;
    }
    return View.redirect("/images/" + target.id(), "new.stored");
  }

  /// An address that the server fetches from, in the background.
  private View fetch(Visit visit) throws IOException {
    String address = visit.field("address");
    Map<String, String> fields =
        Map.of(
            "image", visit.field("image"),
            "name", visit.field("name"),
            "visibility", visit.field("visibility"),
            "disk_format", visit.field("disk_format"),
            "tags", visit.field("tags"));
    Target target = target(visit.caller(), fields, address.replaceFirst("[?#].*", ""));
    String input =
        Json.text(
            Map.of(
                "image_id",
                target.id(),
                "import_req",
                Map.of("method", Map.of("name", "web-download", "uri", address))));
    try {
      service
          .imports()
          .begin(
              visit.caller(),
              target.id(),
              new ImportRequest(
                  new ImportRequest.Method.Web(address), "req-" + Catalog.newId(), input));
    } catch (IOException | RuntimeException e) {
      giveUp(visit.caller(), target);
      throw e;
    }
    return View.redirect("/images/" + target.id());
  }

  /// Where content goes.
  ///
  /// @param id the image's
  /// @param made whether it was made for this content
  private record Target(String id, boolean made) {}

  private Target target(Caller caller, Map<String, String> fields, String source)
      throws IOException {
    String known = fields.getOrDefault("image", "");
    if (!known.isEmpty()) {
      return new Target(images.get(caller, known).id(), false);
    }
    Map<String, Object> attributes = ImageForm.attributes(fields::get);
    attributes.putIfAbsent("name", source.substring(source.lastIndexOf('/') + 1));
    return new Target(images.add(caller, Optional.empty(), attributes).id(), true);
  }

  private void giveUp(Caller caller, Target target) throws IOException {
    if (target.made()) {
      images.delete(caller, target.id());
    }
  }
}
