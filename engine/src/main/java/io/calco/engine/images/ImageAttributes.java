package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageFacts;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The attributes of an image by the names that the Image API v2 has for them: which may be set, by
/// whom, and to what. A value is a String, Boolean, Number, List of Strings, or null.
final class ImageAttributes {
  private static final int TEXT_MAX = 255;

  /// What only we say.
  private static final Set<String> READ_ONLY =
      Set.of(
          "created_at",
          "updated_at",
          "status",
          "checksum",
          "size",
          "virtual_size",
          "direct_url",
          "self",
          "file",
          "schema",
          "id",
          "os_hash_algo",
          "os_hash_value",
          "stores");

  private static final Set<String> RESERVED = Set.of("location", "deleted", "deleted_at");
  private static final String RESERVED_PREFIX = "os_glance";

  /// What every image has, beside what is read-only.
  private static final Set<String> BASE =
      Set.of(
          "name",
          "visibility",
          "protected",
          "os_hidden",
          "disk_format",
          "container_format",
          "min_disk",
          "min_ram",
          "owner",
          "tags",
          "locations");

  private ImageAttributes() {}

  /// True for what every image has.
  static boolean isBase(String name) {
    return BASE.contains(name);
  }

  /// True for a property that only we set.
  static boolean isOurs(String name) {
    return name.startsWith(RESERVED_PREFIX);
  }

  /// Refuses a name that nobody may set.
  static void requireSettable(String name) {
    if (READ_ONLY.contains(name)) {
      throw denied("Attribute '%s' is read-only.".formatted(name));
    }
    if (RESERVED.contains(name) || isOurs(name)) {
      throw denied("Attribute '%s' is reserved.".formatted(name));
    }
    if (name.equals("locations")) {
      throw denied("It's not allowed to update locations if locations are invisible.");
    }
  }

  /// The image with another value of one attribute.
  ///
  /// @throws OperationException USAGE for a value that cannot be meant, DENIED for one that the
  ///   caller may not set
  static ImageEntry set(ImageEntry image, String name, @Nullable Object value, Caller caller) {
    requireSettable(name);
    ImageFacts facts = image.facts();
    return switch (name) {
      case "name" -> image.with(facts.withName(text(name, value, true)));
      case "visibility" -> image.with(facts.with(visibility(value, caller)));
      case "protected" -> image.with(facts.withProtected(truth(name, value)));
      case "os_hidden" -> image.with(facts.withHidden(truth(name, value)));
      case "disk_format" -> {
        requireQueued(image, name);
        yield image.with(facts.withDiskFormat(oneOf(name, value, ImageFormatNames.DISK)));
      }
      case "container_format" -> {
        requireQueued(image, name);
        yield image.with(facts.withContainerFormat(oneOf(name, value, ImageFormatNames.CONTAINER)));
      }
      case "min_disk" -> image.with(facts.withMinDisk(amount(name, value)));
      case "min_ram" -> image.with(facts.withMinRam(amount(name, value)));
      case "owner" -> {
        String owner = text(name, value, true);
        if (!owner.equals(image.owner())) {
          ImagePolicy.requireAdmin(caller, "Owner can't be updated by non admin.");
        }
        yield image.withOwner(owner);
      }
      case "tags" -> image.withTags(tags(value));
      default -> withProperty(image, name, text(name, value, false));
    };
  }

  static ImageEntry withProperty(ImageEntry image, String name, String value) {
    if (name.isEmpty() || name.length() > TEXT_MAX) {
      throw usage(
          name.isEmpty()
              ? "A custom property needs a name."
              : "Custom property should not be greater than %d characters.".formatted(TEXT_MAX));
    }
    Map<String, String> properties = new TreeMap<>(image.properties());
    properties.put(name, value);
    return image.withProperties(properties);
  }

  static ImageEntry withoutProperty(ImageEntry image, String name) {
    Map<String, String> properties = new TreeMap<>(image.properties());
    properties.remove(name);
    return image.withProperties(properties);
  }

  private static void requireQueued(ImageEntry image, String name) {
    if (image.status() != Status.QUEUED && image.status() != Status.IMPORTING) {
      throw denied("Attribute %s can be only replaced for a queued image.".formatted(name));
    }
  }

  private static Visibility visibility(@Nullable Object value, Caller caller) {
    Optional<Visibility> found =
        value instanceof String text ? Visibility.of(text) : Optional.empty();
    Visibility visibility =
        found.orElseThrow(
            () -> wrong("visibility", value, "one of community, public, private, shared"));
    ImagePolicy.requireVisibility(caller, visibility);
    return visibility;
  }

  private static boolean truth(String name, @Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw wrong(name, value, "true or false");
  }

  private static int amount(String name, @Nullable Object value) {
    if (value instanceof Number number
        && number.doubleValue() == number.longValue()
        && number.longValue() >= 0
        && number.longValue() <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw wrong(name, value, "a whole number from 0 to %d".formatted(Integer.MAX_VALUE));
  }

  private static String oneOf(String name, @Nullable Object value, List<String> allowed) {
    if (value == null) {
      return "";
    }
    if (value instanceof String text && allowed.contains(text)) {
      return text;
    }
    throw wrong(name, value, "one of " + String.join(", ", allowed));
  }

  /// @param base whether it is what every image has: that may be null, and is not long
  private static String text(String name, @Nullable Object value, boolean base) {
    if (value == null && base) {
      return "";
    }
    if (!(value instanceof String text)) {
      throw wrong(name, value, "a text");
    }
    if (base && text.length() > TEXT_MAX) {
      throw usage(
          "Provided object does not match schema 'image': %s has more than %d characters."
              .formatted(name, TEXT_MAX));
    }
    int limit = 65_535;
    if (text.length() > limit) {
      throw usage("The property %s has more than %d characters.".formatted(name, limit));
    }
    requireStorable(name, text);
    return text;
  }

  /// Glance's rule: no characters that a database may lack.
  private static void requireStorable(String name, String text) {
    if (text.indexOf('\0') >= 0 || name.indexOf('\0') >= 0) {
      throw usage("The value of %s holds a character that is not allowed.".formatted(name));
    }
  }

  private static Set<String> tags(@Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      throw wrong("tags", value, "a list of texts");
    }
    List<String> tags = new ArrayList<>();
    for (Object each : list) {
      if (!(each instanceof String tag)) {
        throw wrong("tags", each, "a text");
      }
      tags.add(requireTag(tag));
    }
    return new TreeSet<>(tags);
  }

  static String requireTag(String tag) {
    if (tag.isEmpty() || tag.length() > TEXT_MAX || tag.indexOf('\0') >= 0) {
      throw usage("A tag has 1 to %d characters.".formatted(TEXT_MAX));
    }
    return tag;
  }

  private static OperationException wrong(String name, @Nullable Object value, String expected) {
    String found = String.valueOf(value);
    return usage(
        "Provided object does not match schema 'image': %s: '%s' is not %s."
            .formatted(name, found.substring(0, Math.min(found.length(), 80)), expected));
  }

  static OperationException usage(String message) {
    return new OperationException(Kind.USAGE, message);
  }

  private static OperationException denied(String message) {
    return new OperationException(Kind.DENIED, message);
  }
}
