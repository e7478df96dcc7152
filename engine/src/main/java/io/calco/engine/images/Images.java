package io.calco.engine.images;

import io.calco.catalog.CachedImage;
import io.calco.catalog.Catalog;
import io.calco.catalog.CatalogException;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageFacts;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageUsage;
import io.calco.catalog.ImageUse;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is said of images: add, look, list, change, delete.
///
/// Thread rule: safe for several threads.
public final class Images {
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final ImageCatalog catalog;
  private final ImageLimits limits;
  private final ImageContents contents;
  private final AuditLog audit;

  Images(ImageCatalog catalog, ImageLimits limits, ImageContents contents, AuditLog audit) {
    this.audit = audit;
    this.catalog = catalog;
    this.limits = limits;
    this.contents = contents;
  }

  /// Where what is done to images is recorded.
  AuditLog audit() {
    return audit;
  }

  /// What a caller does to an image.
  static Deed deed(Caller caller, Action action, ImageEntry image) {
    return new Deed(caller.actor(), action, target(image));
  }

  static Target target(ImageEntry image) {
    return new Target(image.id(), image.facts().name());
  }

  /// Adds an image without content.
  ///
  /// @param id the id that the caller wants; empty for any
  /// @param attributes by the API's names
  public ImageEntry add(
      Caller caller, Optional<String> id, Map<String, ? extends @Nullable Object> attributes)
      throws IOException {
    String name = attributes.get("name") instanceof String text ? text : "";
    return audit.make(
        new Deed(caller.actor(), Action.IMAGE_CREATE, Target.named(name)),
        () -> insert(plan(caller, id, attributes)),
        Images::target);
  }

  private ImageEntry insert(ImageEntry image) throws IOException {
    try {
      return catalog.add(image);
    } catch (CatalogException.Taken e) {
      throw new OperationException(
          Kind.REFUSED, "Image ID %s already exists!".formatted(image.id()));
    }
  }

  /// An image as it would be added, without content.
  ///
  /// @param id the id that the caller wants; empty for any
  /// @param attributes by the API's names
  ImageEntry plan(
      Caller caller, Optional<String> id, Map<String, ? extends @Nullable Object> attributes)
      throws IOException {
    if (id.isPresent() && !ID.matcher(id.get()).matches()) {
      throw ImageAttributes.usage(
          "Provided object does not match schema 'image': id: '%s' is no UUID."
              .formatted(id.get().substring(0, Math.min(id.get().length(), 80))));
    }
    Object owner =
        attributes.containsKey("owner") ? attributes.get("owner") : caller.projectId().orElse("");
    ImagePolicy.requireAdding(caller, owner instanceof String text ? text : "");
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    ImageEntry image =
        new ImageEntry(
            id.orElseGet(Catalog::newId),
            owner instanceof String text ? text : "",
            Status.QUEUED,
            ImageFacts.unknown(),
            Optional.empty(),
            new TreeSet<>(),
            new TreeMap<>(),
            now,
            now);
    for (var attribute : attributes.entrySet()) {
      image = ImageAttributes.set(image, attribute.getKey(), attribute.getValue(), caller);
    }
    requireLimits(image);
    ImageUsage usage = catalog.usage(image.owner());
    if (usage.images() >= limitsOf(image.owner()).projectImages()) {
      throw limit("The project has %d images, and may have no more.".formatted(usage.images()));
    }
    return image;
  }

  /// The image of that id.
  ///
  /// @throws OperationException NOT_FOUND when there is none that the caller may see
  public ImageEntry get(Caller caller, String id) throws IOException {
    ImageEntry image = catalog.find(id).orElseThrow(() -> notFound(id));
    if (!sees(caller, image)) {
      throw notFound(id);
    }
    return image;
  }

  /// True when the caller may know of the image.
  private boolean sees(Caller caller, ImageEntry image) throws IOException {
    return ImagePolicy.seesWithoutMembership(caller, image)
        || caller.has(Caller.READER)
            && image.facts().visibility() == Visibility.SHARED
            && membership(caller, image).isPresent();
  }

  private Optional<ImageMember> membership(Caller caller, ImageEntry image) throws IOException {
    return caller.projectId().isPresent()
        ? catalog.findMember(image.id(), caller.projectId().get())
        : Optional.empty();
  }

  static OperationException notFound(String id) {
    return new OperationException(Kind.NOT_FOUND, "No image found with ID %s".formatted(id));
  }

  static OperationException limit(String message) {
    return new OperationException(Kind.LIMIT, message);
  }

  /// Whose images the caller sees in a list.
  public static ImageQuery.Sight sight(Caller caller) {
    String project = caller.projectId().orElse("");
    return caller.isAdmin()
        ? new ImageQuery.Sight.All(project)
        : new ImageQuery.Sight.Project(project);
  }

  /// The images that a query asks for.
  ///
  /// @param query with the caller's [#sight]
  /// @throws OperationException USAGE when the image that the list goes on after is not there
  public List<ImageEntry> list(Caller caller, ImageQuery query) throws IOException {
    ImagePolicy.requireReader(caller);
    try {
      if (query.after().isPresent() && !maySee(caller, query.after().get())) {
        throw noMarker(query); // its place in the list would tell of it
      }
      return catalog.list(query);
    } catch (CatalogException.Gone e) {
      throw noMarker(query);
    }
  }

  private boolean maySee(Caller caller, String id) throws IOException {
    Optional<ImageEntry> image = catalog.find(id);
    return image.isPresent() && sees(caller, image.get());
  }

  private static OperationException noMarker(ImageQuery query) {
    return new OperationException(
        Kind.USAGE, "No image found with ID %s".formatted(query.after().orElse("")));
  }

  /// Makes changes of an image's attributes: all, or none.
  ///
  /// @throws OperationException DENIED when the locations are among them: see
  ///   [ImageLocations#patch]
  public ImageEntry patch(Caller caller, String id, ImagePatch patch) throws IOException {
    if (patch.touchesLocations()) {
      throw ImagePolicy.denied("It's not allowed to update locations if locations are invisible.");
    }
    return patch(caller, id, patch, new LocationChanges(Map.of()));
  }

  ImageEntry patch(Caller caller, String id, ImagePatch patch, LocationChanges locations)
      throws IOException {
    String what =
        patch.changes().stream()
            .map(ImagePatch.Change::name)
            .distinct()
            .collect(Collectors.joining(", "));
    return change(
        caller,
        Action.IMAGE_CHANGE,
        id,
        what,
        image -> {
          ImageEntry changed = patch.apply(image, caller, locations, limits.locations());
          requireLimits(changed);
          return changed;
        });
  }

  /// @param what is changed, for a person
  private ImageEntry change(
      Caller caller, Action action, String id, String what, ImageCatalog.Change change)
      throws IOException {
    ImageEntry seen = get(caller, id);
    return audit.make(
        deed(caller, action, seen).with(what),
        () -> {
          ImagePolicy.requireOwner(caller, seen, "modify");
          return update(
              id,
              image -> {
                ImagePolicy.requireOwner(caller, image, "modify");
                return change.of(image);
              });
        },
        Images::target);
  }

  /// Changes an image that may be gone by now.
  ImageEntry update(String id, ImageCatalog.Change change) throws IOException {
    try {
      return catalog.update(id, change);
    } catch (CatalogException.Gone e) {
      throw notFound(id);
    }
  }

  void requireLimits(ImageEntry image) {
    if (image.tags().size() > limits.tags()) {
      throw limit("Attempted: %d tags, maximum: %d".formatted(image.tags().size(), limits.tags()));
    }
    long own =
        image.properties().keySet().stream().filter(name -> !ImageAttributes.isOurs(name)).count();
    if (own > limits.properties()) {
      throw limit("Attempted: %d properties, maximum: %d".formatted(own, limits.properties()));
    }
  }

  /// Adds a tag, if it is not there.
  public void addTag(Caller caller, String id, String tag) throws IOException {
    ImageAttributes.requireTag(tag);
    change(
        caller,
        Action.IMAGE_CHANGE,
        id,
        "+" + tag,
        image -> {
          TreeSet<String> tags = new TreeSet<>(image.tags());
          tags.add(tag);
          ImageEntry changed = image.withTags(tags);
          requireLimits(changed);
          return changed;
        });
  }

  /// Removes a tag.
  ///
  /// @throws OperationException NOT_FOUND when the image does not have it
  public void deleteTag(Caller caller, String id, String tag) throws IOException {
    change(
        caller,
        Action.IMAGE_CHANGE,
        id,
        "-" + tag,
        image -> {
          TreeSet<String> tags = new TreeSet<>(image.tags());
          if (!tags.remove(tag)) {
            throw new OperationException(
                Kind.NOT_FOUND, "The image %s has no tag '%s'.".formatted(id, tag));
          }
          return image.withTags(tags);
        });
  }

  /// Deletes an image; its content goes when nothing else has it.
  ///
  /// @throws OperationException DENIED when it is protected, REFUSED when templates are made from
  ///   it
  public void delete(Caller caller, String id) throws IOException {
    ImageEntry image = get(caller, id);
    audit.make(deed(caller, Action.IMAGE_DELETE, image), () -> delete(caller, image));
  }

  private void delete(Caller caller, ImageEntry image) throws IOException {
    requireDeletable(caller, image);
    try {
      catalog.delete(image.id());
    } catch (CatalogException.Gone e) {
      throw notFound(image.id());
    }
    if (image.data().isPresent()) {
      releaseAll(image.data().get());
    }
    Optional<CachedImage> cached = catalog.deleteCached(image.id());
    if (cached.isPresent() && !cached.get().blob().isEmpty()) {
      contents.release(cached.get().blob());
    }
  }

  private void releaseAll(ImageData data) throws IOException {
    for (String place : data.places()) {
      contents.release(place);
    }
  }

  /// Refuses what [#delete] would refuse.
  ///
  /// @return the image
  public ImageEntry requireDeletable(Caller caller, String id) throws IOException {
    ImageEntry image = get(caller, id);
    requireDeletable(caller, image);
    return image;
  }

  private void requireDeletable(Caller caller, ImageEntry image) throws IOException {
    ImagePolicy.requireOwner(caller, image, "delete");
    if (image.facts().isProtected()) {
      throw ImagePolicy.denied(
          "Image %s is protected and cannot be deleted.".formatted(image.id()));
    }
    requireUnused(image);
  }

  /// What is made from an image shows where it came from for as long as it is there.
  private void requireUnused(ImageEntry image) throws IOException {
    List<String> users =
        uses(image).stream()
            .map(use -> "template %s, version %d".formatted(use.template(), use.version()))
            .toList();
    if (!users.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "Image %s could not be deleted because it is in use: %s"
              .formatted(image.id(), String.join("; ", users)),
          "see: calco template delete");
    }
  }

  private List<ImageUse> uses(ImageEntry image) throws IOException {
    return catalog.usesOf(image.id());
  }

  /// What was made from an image on this host.
  public List<ImageUse> uses(Caller caller, String id) throws IOException {
    return uses(get(caller, id));
  }

  /// Makes an image's content unavailable to all but admins; one that is so already stays so.
  public void deactivate(Caller caller, String id) throws IOException {
    jump(caller, id, Action.IMAGE_DEACTIVATE, Status.ACTIVE, Status.DEACTIVATED);
  }

  /// Makes an image's content available again.
  public void reactivate(Caller caller, String id) throws IOException {
    jump(caller, id, Action.IMAGE_REACTIVATE, Status.DEACTIVATED, Status.ACTIVE);
  }

  private void jump(Caller caller, String id, Action action, Status from, Status to)
      throws IOException {
    String what = to == Status.ACTIVE ? "reactivate" : "deactivate";
    change(
        caller,
        action,
        id,
        "",
        image -> {
          if (image.status() != from && image.status() != to) {
            throw ImagePolicy.denied(
                "Not allowed to %s image in status '%s'".formatted(what, image.status().text()));
          }
          return image.with(to);
        });
  }

  /// What the caller's project has.
  public ImageUsage usage(Caller caller) throws IOException {
    return catalog.usage(caller.projectId().orElse(""));
  }

  /// What a project has.
  ImageUsage usageOf(String owner) throws IOException {
    return catalog.usage(owner);
  }

  /// The image of that id, whoever asks.
  Optional<ImageEntry> find(String id) throws IOException {
    return catalog.find(id);
  }

  /// What an image and the caller's project may have.
  public ImageLimits limits(Caller caller) throws IOException {
    return limitsOf(caller.projectId().orElse(""));
  }

  /// What an image and a project may have.
  ImageLimits limitsOf(String project) throws IOException {
    return catalog.quota(project).map(limits::with).orElse(limits);
  }

  /// What any image may have.
  ImageLimits limits() {
    return limits;
  }
}
