package io.calco.server.web.image;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageTask;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.engine.upload.Upload;
import io.calco.engine.upload.Uploads;
import io.calco.server.image.ExportDownload;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.ProgressText;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// `/images/{image}`: an image, with what can be done about it, and its content in any format.
public final class ImagePage implements Page {
  /// What other formats can be made of.
  private static final List<String> NO_DISKS = List.of("aki", "ari");

  private final ImageService service;
  private final Images images;
  private final Uploads uploads;
  private final ProjectNames projects;
  private final Predicate<Caller> hosts;
  private final ExportDownload downloads;

  /// Shows these.
  ///
  /// @param hosts who may look at the templates and clones of this host
  public ImagePage(
      ImageService service, Uploads uploads, ProjectNames projects, Predicate<Caller> hosts) {
    this.hosts = hosts;
    this.service = service;
    this.images = service.images();
    this.uploads = uploads;
    this.projects = projects;
    this.downloads = new ExportDownload(service.exports());
  }

  /// What the page shows.
  ///
  /// @param image all that is said of it
  /// @param owner the project that it belongs to
  /// @param properties without those that are shown elsewhere
  /// @param inspection what was found in it; empty as long as nobody has looked
  /// @param picture of its disk
  /// @param kin where it came from, what was made of it, its versions
  /// @param members with whom it is shared
  /// @param membership what the caller's project was offered, and made of it
  /// @param task the last that was done to it in the background
  /// @param fetch how far the content is that the server fetches
  /// @param upload that comes in parts
  /// @param may what the caller may do
  record Model(
      ImageEntry image,
      String owner,
      Map<String, String> properties,
      Optional<ImageInspection> inspection,
      Optional<DiskPicture> picture,
      ImageKin kin,
      List<Member> members,
      Optional<ImageMember.Status> membership,
      Optional<ImageTask> task,
      Optional<ProgressText> fetch,
      Optional<Upload> upload,
      Rights may) {

    String name() {
      return ImageNames.shown(image);
    }

    /// True while content comes by itself.
    boolean fills() {
      return switch (image.status()) {
        case SAVING, UPLOADING, IMPORTING -> true;
        case QUEUED ->
            task.map(ImageTask::status).filter(ImagePage::runs).isPresent()
                || upload.map(Upload::phase).filter(Upload.Phase.STORING::equals).isPresent();
        case ACTIVE, DEACTIVATED, KILLED -> false;
      };
    }

    /// True while the page is to be looked at again.
    boolean moves() {
      return switch (image.status()) {
        case ACTIVE, DEACTIVATED -> inspection.isEmpty();
        case QUEUED, SAVING, UPLOADING, IMPORTING, KILLED -> fills();
      };
    }

    /// Why the last try to give it content failed; empty when it did not.
    String problem() {
      if (image.status() != Status.QUEUED || fills()) {
        return "";
      }
      return upload
          .map(Upload::problem)
          .filter(text -> !text.isEmpty())
          .or(() -> task.map(ImageTask::message))
          .orElse("");
    }

    /// The formats that it can be downloaded as, besides its own.
    List<String> formats() {
      String own = image.facts().diskFormat();
      return NO_DISKS.contains(own)
          ? List.of()
          : ExportFormat.formats().stream().filter(format -> !format.equals(own)).toList();
    }
  }

  /// A project that the image is shared with.
  ///
  /// @param id of the project
  /// @param name of the project; its id where that is not known
  /// @param status what it makes of it
  record Member(String id, String name, ImageMember.Status status) {}

  /// What the caller may do about the image.
  ///
  /// @param change whether they may change it
  /// @param download whether they may have its content
  /// @param fill whether it still wants content
  record Rights(boolean change, boolean download, boolean fill) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/images/{image}", this::show)
        .get("/images/{image}/part", this::part)
        .get("/images/{image}/file", this::download);
  }

  private View show(Visit visit) throws IOException {
    return View.page("image/image", model(visit));
  }

  /// What changes by itself, for a script that asks again and again.
  private View part(Visit visit) throws IOException {
    return View.page("image/body", model(visit));
  }

  private Model model(Visit visit) throws IOException {
    Caller caller = visit.caller();
    ImageEntry image = images.get(caller, visit.path("image"));
    Optional<ImageInspection> inspection = service.inspections().find(caller, image.id());
    List<ImageTask> tasks = service.imports().tasksOf(caller, image.id());
    Map<String, String> properties = new TreeMap<>(image.properties());
    properties.keySet().removeIf(name -> name.startsWith("os_glance"));
    return new Model(
        image,
        projects.name(image.owner()).orElse(image.owner()),
        properties,
        inspection,
        picture(caller, image, inspection),
        kin(caller, image),
        members(caller, image),
        membership(caller, image),
        tasks.isEmpty() ? Optional.empty() : Optional.of(tasks.getLast()),
        service
            .imports()
            .progress(caller, image.id())
            .map(progress -> new ProgressText(progress, visit.text())),
        uploads.into(image),
        rights(caller, image));
  }

  private static boolean runs(ImageTask.Status status) {
    return status == ImageTask.Status.PENDING || status == ImageTask.Status.PROCESSING;
  }

  private Optional<DiskPicture> picture(
      Caller caller, ImageEntry image, Optional<ImageInspection> inspection) throws IOException {
    if (inspection.isEmpty() || image.data().isEmpty()) {
      return Optional.empty();
    }
    long size = image.data().get().virtualSize().orElse(image.data().get().size());
    return DiskPicture.of(inspection.get(), service.maps().of(caller, image.id()), size);
  }

  private ImageKin kin(Caller caller, ImageEntry image) throws IOException {
    return new ImageKin(
        image,
        service.origins().find(caller, image.id()),
        images.uses(caller, image.id()),
        hosts.test(caller),
        service.names().family(caller, image));
  }

  private List<Member> members(Caller caller, ImageEntry image) throws IOException {
    List<Member> members = new ArrayList<>();
    if (image.facts().visibility() == Visibility.SHARED && owns(caller, image)) {
      for (ImageMember member : service.sharing().list(caller, image.id())) {
        members.add(
            new Member(
                member.member(),
                projects.name(member.member()).orElse(member.member()),
                member.status()));
      }
    }
    return members;
  }

  private Optional<ImageMember.Status> membership(Caller caller, ImageEntry image)
      throws IOException {
    String project = caller.projectId().orElse("");
    if (image.facts().visibility() != Visibility.SHARED || image.owner().equals(project)) {
      return Optional.empty();
    }
    return service.sharing().list(caller, image.id()).stream()
        .filter(member -> member.member().equals(project))
        .map(ImageMember::status)
        .findFirst();
  }

  private static boolean owns(Caller caller, ImageEntry image) {
    return caller.isAdmin() || caller.projectId().map(image.owner()::equals).orElse(false);
  }

  /// What would not be refused; the engine judges again.
  private static Rights rights(Caller caller, ImageEntry image) {
    boolean member = caller.isAdmin() || caller.has(Caller.MEMBER);
    boolean change = member && owns(caller, image);
    boolean complete =
        image.status() == Status.ACTIVE || image.status() == Status.DEACTIVATED && caller.isAdmin();
    return new Rights(change, member && complete, change && image.status() == Status.QUEUED);
  }

  private View download(Visit visit) throws IOException {
    downloads.send(visit.request(), visit.caller(), visit.request().pathParam("image"));
    return new View.Done();
  }
}
