package io.calco.engine.images;

import io.calco.catalog.CatalogException;
import io.calco.catalog.ImageAlias;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Images by name. A name such as `debian:12` is a version of the family `debian`. Several images
/// may have a name; the newest is meant, as a later import of a version takes the place of the one
/// before.
///
/// | what is said | means |
/// |---|---|
/// | an id | that image |
/// | an alias | what the name means that it stands for |
/// | `debian:12` | the newest image of that name, the project's own before others' |
/// | `debian:latest` | the newest of the highest version, unless an image has just that name |
/// | `debian` | likewise, unless an image has just that name |
///
/// Versions compare as people read them: 9 < 12 < 12.5, and words come before numbers.
///
/// Thread rule: safe for several threads.
public final class ImageNames {
  static final String LATEST = "latest";

  /// Ours; the newest that many versions of a family are looked at.
  private static final int FAMILY_MAX = 1000;

  private static final int ALIASES_MAX = 1000;
  private static final int NAME_MAX = 255;
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final ImageCatalog catalog;
  private final Images images;

  ImageNames(ImageCatalog catalog, Images images) {
    this.catalog = catalog;
    this.images = images;
  }

  /// The image that somebody means.
  ///
  /// @param reference an id, a name or an alias
  /// @throws OperationException NOT_FOUND when there is none that the caller may see
  public ImageEntry get(Caller caller, String reference) throws IOException {
    if (ID.matcher(reference).matches()) {
      return images.get(caller, reference);
    }
    return find(caller, reference)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND,
                "there is no image %s".formatted(shown(reference)),
                "see: calco image list"));
  }

  /// The id of the image that somebody means; of what is an id already, whether or not there is
  /// such an image.
  ///
  /// @param reference an id, a name or an alias
  /// @throws OperationException NOT_FOUND when a name means none that the caller may see
  public String id(Caller caller, String reference) throws IOException {
    return ID.matcher(reference).matches() ? reference : get(caller, reference).id();
  }

  /// As [#get] for a name; empty when there is none.
  public Optional<ImageEntry> find(Caller caller, String name) throws IOException {
    ImagePolicy.requireReader(caller);
    if (name.isEmpty() || name.length() > NAME_MAX) {
      return Optional.empty();
    }
    Optional<ImageEntry> alias = Optional.empty();
    Optional<ImageAlias> other = catalog.findAlias(caller.projectId().orElse(""), name);
    if (other.isPresent()) {
      alias = target(caller, other.get().target());
    }
    return alias.isPresent() ? alias : named(caller, name);
  }

  private Optional<ImageEntry> target(Caller caller, String target) throws IOException {
    if (!ID.matcher(target).matches()) {
      return named(caller, target);
    }
    try {
      return Optional.of(images.get(caller, target));
    } catch (OperationException gone) {
      return Optional.empty();
    }
  }

  private Optional<ImageEntry> named(Caller caller, String name) throws IOException {
    Optional<ImageEntry> exact = withName(caller, name).stream().findFirst();
    if (exact.isPresent()) {
      return exact;
    }
    int colon = name.lastIndexOf(':');
    if (colon >= 0 && !name.substring(colon + 1).equals(LATEST)) {
      return Optional.empty();
    }
    return versions(caller, colon < 0 ? name : name.substring(0, colon)).stream()
        .filter(image -> image.status() == Status.ACTIVE)
        .findFirst();
  }

  /// The images of just that name, the one that it means first.
  private List<ImageEntry> withName(Caller caller, String name) throws IOException {
    return list(caller, new Condition.Text(Field.NAME, List.of(name))).stream()
        .sorted(newestOwn(caller))
        .toList();
  }

  /// All that the caller may use first, then the project's own, then the newest.
  private static Comparator<ImageEntry> newestOwn(Caller caller) {
    return Comparator.comparing((ImageEntry image) -> image.status() != Status.ACTIVE)
        .thenComparing(image -> !ImagePolicy.owns(caller, image))
        .thenComparing(ImageEntry::createdAt, Comparator.reverseOrder());
  }

  private List<ImageEntry> list(Caller caller, Condition condition) throws IOException {
    return catalog.list(
        new ImageQuery(
            Images.sight(caller),
            new ImageQuery.Scope.Usual(Optional.empty()),
            List.of(condition),
            List.of(new Order(Field.CREATED_AT, Direction.DESCENDING)),
            Optional.empty(),
            FAMILY_MAX));
  }

  /// The images of a family, the highest version first, of one version the newest first.
  ///
  /// @param family `debian`, without a colon
  public List<ImageEntry> versions(Caller caller, String family) throws IOException {
    ImagePolicy.requireReader(caller);
    if (family.isEmpty() || family.length() > NAME_MAX) {
      return List.of();
    }
    return list(caller, new Condition.Prefix(Field.NAME, family + ":")).stream()
        .sorted(
            Comparator.comparing((ImageEntry image) -> version(image), ImageNames::compare)
                .reversed()
                .thenComparing(newestOwn(caller)))
        .toList();
  }

  /// The family of an image, with all its names, as a caller sees them.
  public ImageFamily family(Caller caller, ImageEntry image) throws IOException {
    String family = family(image);
    List<ImageEntry> all = new ArrayList<>();
    Optional<ImageEntry> latest = Optional.empty();
    if (!family.isEmpty()) {
      all.addAll(withName(caller, family));
      all.addAll(versions(caller, family));
      latest = find(caller, family + ":" + LATEST);
    }
    return ImageFamily.of(
        caller.projectId().orElse(""), family, image, all, latest, aliases(caller));
  }

  /// The version that an image's name tells; empty when it tells none.
  public static String version(ImageEntry image) {
    String name = image.facts().name();
    return name.substring(name.lastIndexOf(':') + 1);
  }

  /// The family that an image's name tells; the whole name when it has no version.
  public static String family(ImageEntry image) {
    String name = image.facts().name();
    int colon = name.lastIndexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /// Compares versions piece by piece: numbers as numbers, words before numbers.
  static int compare(String one, String other) {
    String[] pieces = one.split("(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9])", NAME_MAX);
    String[] others = other.split("(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9])", NAME_MAX);
    for (int i = 0; i < Math.min(pieces.length, others.length); i++) {
      int order = comparePiece(pieces[i], others[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(pieces.length, others.length);
  }

  private static int comparePiece(String one, String other) {
    boolean number = isNumber(one);
    if (number != isNumber(other)) {
      return number ? 1 : -1;
    }
    if (!number) {
      return one.compareTo(other);
    }
    String digits = one.replaceFirst("^0+(?=.)", "");
    String others = other.replaceFirst("^0+(?=.)", "");
    return digits.length() == others.length()
        ? digits.compareTo(others)
        : Integer.compare(digits.length(), others.length());
  }

  private static boolean isNumber(String piece) {
    return !piece.isEmpty() && piece.charAt(0) >= '0' && piece.charAt(0) <= '9';
  }

  /// For whom an alias is.
  public enum Reach {
    /// Its project.
    PROJECT,
    /// All projects; only an admin gives such.
    EVERYBODY
  }

  /// Gives what a name means another name. What had that in the project before loses it.
  ///
  /// @param target an image's name or id, or `family:latest`
  /// @throws OperationException NOT_FOUND when the target means no image now; USAGE when a name
  ///   cannot be
  public ImageAlias putAlias(Caller caller, String name, String target, Reach reach)
      throws IOException {
    String project = caller.projectId().orElse("");
    ImagePolicy.requireAdding(caller, project);
    if (reach == Reach.EVERYBODY) {
      ImagePolicy.requireAdmin(caller, "Only an admin gives images names that everybody may use.");
    }
    if (name.isBlank() || name.length() > NAME_MAX || ID.matcher(name).matches()) {
      throw ImageAttributes.usage(
          "'%s' is no alias: it has 1 to %d characters, and is no id."
              .formatted(shown(name), NAME_MAX));
    }
    if (name.equals(target) || target(caller, target).isEmpty()) {
      throw new OperationException(
          Kind.NOT_FOUND, "there is no image %s that could have an alias".formatted(shown(target)));
    }
    ImageAlias alias =
        new ImageAlias(
            project,
            name,
            target,
            reach == Reach.EVERYBODY,
            Instant.now().truncatedTo(ChronoUnit.MICROS));
    catalog.putAlias(alias);
    return alias;
  }

  /// Takes another name away.
  ///
  /// @throws OperationException NOT_FOUND when the caller's project has no such alias
  public void deleteAlias(Caller caller, String name) throws IOException {
    String project = caller.projectId().orElse("");
    ImagePolicy.requireAdding(caller, project);
    try {
      catalog.deleteAlias(project, name);
    } catch (CatalogException.Gone e) {
      throw new OperationException(
          Kind.NOT_FOUND, "there is no alias %s in the project".formatted(shown(name)));
    }
  }

  /// The other names that the caller may use, by name.
  public List<ImageAlias> aliases(Caller caller) throws IOException {
    ImagePolicy.requireReader(caller);
    return catalog.aliases(caller.projectId().orElse(""), ALIASES_MAX);
  }

  private static String shown(String text) {
    return text.substring(0, Math.min(text.length(), 80));
  }
}
