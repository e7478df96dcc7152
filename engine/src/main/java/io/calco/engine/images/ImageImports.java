package io.calco.engine.images;

import io.calco.catalog.CatalogException;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageTask;
import io.calco.catalog.ImageTaskQuery;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.BackgroundTasks.Description;
import io.calco.engine.images.ImportRequest.Method;
import io.calco.engine.images.ImportRequest.Reach;
import io.calco.engine.jobs.JobProgress;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Content that becomes an image's in the background. Each import is a task, which tells how far it
/// is and why it failed; after a failure the image is queued again.
///
/// Thread rule: safe for several threads.
public final class ImageImports {
  private static final String TYPE = "api_image_import";

  /// The type of the tasks of old, which make the image as well.
  private static final String OLD_TYPE = "import";

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}");

  private final ImageCatalog catalog;
  private final Images images;
  private final ImageTransfers transfers;
  private final ContentStores contents;
  private final ImportStores stores;
  private final RemoteImages remote;
  private final WebAddresses addresses;
  private final BackgroundTasks tasks;
  private final Fetches fetches = new Fetches();

  ImageImports(
      ImageCatalog catalog,
      Images images,
      ImageTransfers transfers,
      ContentStores contents,
      ImageService.Settings settings,
      BackgroundTasks tasks) {
    this.catalog = catalog;
    this.images = images;
    this.transfers = transfers;
    this.contents = contents;
    this.stores = new ImportStores(images, contents);
    this.remote = new RemoteImages(images, transfers, settings.regions());
    this.addresses = settings.addresses();
    this.tasks = tasks;
  }

  /// The methods that there are, as the API has them.
  public List<String> methods() {
    List<String> all = new ArrayList<>(List.of("glance-direct", "web-download", "copy-image"));
    if (remote.available()) {
      all.add("glance-download");
    }
    return all;
  }

  /// Begins an import.
  ///
  /// @throws OperationException REFUSED when the image's status does not allow it
  public void begin(Caller caller, String id, ImportRequest request) throws IOException {
    if (!methods().contains(request.method().text())) {
      throw ImageAttributes.usage(
          "Unknown import method name '%s'.".formatted(request.method().text()));
    }
    ImageEntry image = images.get(caller, id);
    String from = request.method() instanceof Method.Web web ? web.uri() : "";
    images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_IMPORT, image).with(withoutSecrets(from)),
            () -> begin(caller, image, request));
  }

  /// An address may hold a password before its host, and keys behind its path.
  static String withoutSecrets(String uri) {
    return uri.replaceFirst("//[^/]*@", "//").replaceFirst("[?#].*", "");
  }

  private void begin(Caller caller, ImageEntry image, ImportRequest request) throws IOException {
    String id = image.id();
    requireStatus(image, request.method());
    if (request.method() instanceof Method.Copy) {
      beginCopy(caller, image, request);
      return;
    }
    ImagePolicy.requireOwner(caller, image, "import data to");
    List<String> targets = stores.resolve(request.targets());
    String first = targets.contains(contents.usual()) ? contents.usual() : targets.getFirst();
    ImageTransfers.Spread spread =
        data -> stores.spread(id, data, targets, request.targets().demand());
    switch (request.method()) {
      case Method.Staged _ ->
          run(caller, image, request, targets, () -> transfers.adopt(id, spread));
      case Method.Web web -> {
        URI uri = addresses.parse(web.uri());
        long limit = transfers.sizeLimit(image);
        fetch(caller, image, request, targets, at -> fetch(at, uri, limit, first, spread));
      }
      case Method.Remote wanted -> {
        requireRemote(wanted);
        long limit = transfers.sizeLimit(image);
        var source =
            new RemoteImages.Wanted(
                wanted.region(), wanted.imageId(), wanted.face(), wanted.token());
        fetch(
            caller, image, request, targets, at -> remote.fetch(at, source, limit, first, spread));
      }
      case Method.Copy _ -> throw new IllegalStateException();
    }
  }

  private static void requireRemote(Method.Remote wanted) {
    if (!UUID.matcher(wanted.imageId()).matches()) {
      String id = wanted.imageId();
      throw ImageAttributes.usage(
          "Remote image id does not look like a UUID: %s"
              .formatted(id.substring(0, Math.min(id.length(), 80))));
    }
  }

  private static void requireStatus(ImageEntry image, Method method) {
    Status status = image.status();
    String problem =
        switch (method) {
          case Method.Copy _ ->
              status == Status.ACTIVE
                  ? ""
                  : "Only images with status active can be targeted for copying";
          case Method.Web _, Method.Remote _ ->
              status == Status.QUEUED
                  ? ""
                  : "Image needs to be in 'queued' state to use '%s' method"
                      .formatted(method.text());
          case Method.Staged _ ->
              status == Status.UPLOADING && image.data().isPresent()
                  ? ""
                  : "Image needs to be staged before 'glance-direct' method can be used";
        };
    if (status == Status.ACTIVE && !(method instanceof Method.Copy)) {
      problem = "Image with status active cannot be target for import";
    }
    if (problem.isEmpty() && image.facts().containerFormat().isEmpty()) {
      problem = "'container_format' needs to be set before import";
    }
    if (problem.isEmpty() && image.facts().diskFormat().isEmpty()) {
      problem = "'disk_format' needs to be set before import";
    }
    if (!problem.isEmpty()) {
      throw new OperationException(Kind.REFUSED, problem);
    }
  }

  private void run(
      Caller caller,
      ImageEntry image,
      ImportRequest request,
      List<String> targets,
      BackgroundTasks.Work work)
      throws IOException {
    toImporting(image, targets);
    begin(caller, image, request, work);
  }

  private void toImporting(ImageEntry image, List<String> targets) throws IOException {
    images.update(
        image.id(), now -> ImportStores.begun(ImageStates.jump(now, Status.IMPORTING), targets));
  }

  private void begin(
      Caller caller, ImageEntry image, ImportRequest request, BackgroundTasks.Work work)
      throws IOException {
    tasks.begin(caller, new Description(TYPE, image.id(), request.id(), request.input()), work);
  }

  /// Fetching for an image.
  @FunctionalInterface
  private interface Fetching {
    ImageEntry by(Fetches.Fetch fetch) throws IOException;
  }

  /// Begins what may be stopped from now on, also before its turn comes.
  private void fetch(
      Caller caller, ImageEntry image, ImportRequest request, List<String> targets, Fetching work)
      throws IOException {
    toImporting(image, targets);
    Fetches.Fetch fetch = fetches.begin(image.id());
    try {
      begin(caller, image, request, () -> closing(fetch, work));
    } catch (IOException | RuntimeException e) {
      fetch.close();
      throw e;
    }
  }

  private static ImageEntry closing(Fetches.Fetch fetch, Fetching work) throws IOException {
    try (fetch) {
      return work.by(fetch);
    }
  }

  private ImageEntry fetch(
      Fetches.Fetch fetch, URI uri, long limit, String store, ImageTransfers.Spread spread)
      throws IOException {
    WebSource opened;
    try {
      opened = WebSource.open(uri, addresses);
    } catch (IOException | RuntimeException e) {
      transfers.backToQueued(fetch.imageId(), Status.IMPORTING, e);
      throw e;
    }
    try (WebSource source = opened) {
      var coming =
          new ImageTransfers.Coming(
              fetch.of(source, source.size()), source.size(), limit, uri.toString(), store);
      return transfers.fill(fetch.imageId(), coming, Status.IMPORTING, spread);
    }
  }

  /// How far the fetching of an image's content is; empty when none is fetched for it now.
  ///
  /// @throws OperationException NOT_FOUND when there is no image that the caller may see
  public Optional<JobProgress> progress(Caller caller, String id) throws IOException {
    return fetches.progress(images.get(caller, id).id());
  }

  /// An image that content is fetched for.
  ///
  /// @param image the image
  /// @param progress how far it is
  public record Fetched(ImageEntry image, JobProgress progress) {}

  /// What is fetched for the images of the caller's project, or, for an admin, for all; the oldest
  /// image first.
  public List<Fetched> fetched(Caller caller) throws IOException {
    List<Fetched> all = new ArrayList<>();
    for (String id : fetches.images()) {
      Optional<ImageEntry> image = images.find(id);
      Optional<JobProgress> progress = fetches.progress(id);
      if (image.isPresent()
          && progress.isPresent()
          && (caller.isAdmin() || ImagePolicy.owns(caller, image.get()))) {
        all.add(new Fetched(image.get(), progress.get()));
      }
    }
    all.sort(Comparator.comparing(each -> each.image().createdAt()));
    return all;
  }

  /// Stops fetching an image's content; the image is queued again.
  ///
  /// @throws OperationException DENIED when the image is not the caller's; REFUSED when nothing is
  ///   fetched for it
  public void stop(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    images
        .audit()
        .make(
            Images.deed(caller, Action.JOB_CANCEL, image),
            () -> {
              ImagePolicy.requireOwner(caller, image, "stop the import of");
              if (!fetches.stop(image.id(), caller.userName())) {
                throw new OperationException(
                    Kind.REFUSED, "Nothing is being fetched for image %s.".formatted(id));
              }
            });
  }

  private void beginCopy(Caller caller, ImageEntry image, ImportRequest request)
      throws IOException {
    ImagePolicy.requireAdmin(caller, "You are not permitted to copy images between stores.");
    List<String> targets = new ArrayList<>(stores.resolve(request.targets()));
    for (String place : image.data().orElseThrow().places()) {
      String store = ContentStores.storeOf(place);
      if (targets.remove(store) && request.targets().reach() == Reach.NAMED) {
        throw ImageAttributes.usage("Image is already present at store '%s'".formatted(store));
      }
    }
    String id = image.id();
    images.update(
        id,
        now -> {
          requireStatus(now, request.method());
          if (!now.properties().getOrDefault(ImageStates.IMPORTING_TO, "").isEmpty()) {
            throw new OperationException(
                Kind.REFUSED,
                "New operation on image '%s' is not permitted as prior operation is still in progress"
                    .formatted(id));
          }
          return ImportStores.begun(now, targets);
        });
    if (!targets.isEmpty()) {
      tasks.begin(
          caller,
          new Description(TYPE, id, request.id(), request.input()),
          () -> stores.copy(id, targets, request.targets().demand()));
    }
  }

  /// Takes an image's content out of one store; others have it.
  ///
  /// @throws OperationException NOT_FOUND when it is not there, REFUSED when there is no such store
  ///   or the image is not active, DENIED when it is nowhere else
  public void deleteFrom(Caller caller, String store, String id) throws IOException {
    if (!contents.names().contains(store)) {
      throw new OperationException(
          Kind.REFUSED, "The selected store %s is not available on this node.".formatted(store));
    }
    ImageEntry seen = images.get(caller, id);
    images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_DISCARD, seen).with(store),
            () -> {
              ImagePolicy.requireAdmin(
                  caller, "You are not permitted to delete images from stores.");
              discard(store, id);
            });
  }

  private void discard(String store, String id) throws IOException {
    List<String> gone = new ArrayList<>();
    images.update(
        id,
        image -> {
          gone.clear();
          if (image.status() != Status.ACTIVE) {
            throw new OperationException(
                Kind.REFUSED,
                "It's not allowed to remove image data from store if image status is not 'active'");
          }
          var data = image.data().orElseThrow();
          if (data.locations().size() == 1) {
            throw ImagePolicy.denied(
                "Cannot delete image data from the only store containing it. Consider deleting the image instead.");
          }
          for (String place : data.places()) {
            if (ContentStores.storeOf(place).equals(store)) {
              gone.add(place);
            }
          }
          if (gone.isEmpty()) {
            throw new OperationException(
                Kind.NOT_FOUND, "Image %s is not stored in store %s.".formatted(id, store));
          }
          return image.with(
              image.status(),
              Optional.of(
                  data.with(
                      data.locations().stream()
                          .filter(at -> !gone.contains(at.place()))
                          .toList())));
        });
    for (String place : gone) {
      contents.release(place);
    }
  }

  /// Begins a task of old: an image is made, and filled from the web.
  ///
  /// @param attributes the image's, by the API's names
  /// @throws OperationException as adding the image does; USAGE for an address that is not fetched
  ///   from
  public ImageTask beginOld(
      Caller caller,
      Map<String, ? extends @Nullable Object> attributes,
      String uri,
      String requestId,
      String input)
      throws IOException {
    requireTasks(caller);
    URI parsed = addresses.parse(uri);
    return tasks.begin(
        caller,
        new Description(OLD_TYPE, "", requestId, input),
        () -> {
          ImageEntry image = images.add(caller, Optional.empty(), new TreeMap<>(attributes));
          List<String> targets = List.of(contents.usual());
          try {
            long limit = transfers.sizeLimit(image);
            toImporting(image, targets);
            return closing(
                fetches.begin(image.id()),
                at -> fetch(at, parsed, limit, contents.usual(), ImageTransfers.Spread.NOT));
          } catch (IOException | RuntimeException e) {
            images.delete(caller, image.id());
            throw e;
          }
        });
  }

  /// What was done to an image, oldest first.
  public List<ImageTask> tasksOf(Caller caller, String id) throws IOException {
    images.get(caller, id);
    return catalog.tasksOf(id);
  }

  /// The tasks that a query asks for; for an admin.
  ///
  /// @throws OperationException USAGE when the task that the list goes on after is not there
  public List<ImageTask> tasks(Caller caller, ImageTaskQuery query) throws IOException {
    requireTasks(caller);
    try {
      return catalog.tasks(query);
    } catch (CatalogException.Gone e) {
      throw ImageAttributes.usage("No task found with ID %s".formatted(query.after().orElse("")));
    }
  }

  /// Refuses whoever may not look at tasks.
  public void requireTasks(Caller caller) {
    ImagePolicy.requireAdmin(caller, "You are not authorized to look at tasks.");
  }

  /// The task of that id; for an admin.
  ///
  /// @throws OperationException NOT_FOUND when there is none
  public ImageTask task(Caller caller, String id) throws IOException {
    requireTasks(caller);
    return catalog
        .findTask(id)
        .orElseThrow(() ->
            new OperationException(Kind.NOT_FOUND, "Failed to find task %s to get".formatted(id)));
  }
}
