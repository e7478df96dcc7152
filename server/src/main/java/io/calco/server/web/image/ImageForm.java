package io.calco.server.web.image;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What forms of images have in common.
final class ImageForm {
  private static final String BARE = "bare";

  private ImageForm() {}

  /// Tags as somebody types them, parted by commas.
  static List<String> tags(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(tag -> !tag.isEmpty())
        .distinct()
        .toList();
  }

  /// What a new image is to be.
  ///
  /// @param field gives a field by its name; null or empty for one that was not filled in
  static Map<String, Object> attributes(Function<String, @Nullable String> field) {
    Map<String, Object> attributes = new HashMap<>();
    for (String name : List.of("name", "visibility", "disk_format")) {
      String value = field.apply(name);
      if (value != null && !value.isBlank()) {
        attributes.put(name, value.strip());
      }
    }
    String tags = field.apply("tags");
    if (tags != null && !tags.isBlank()) {
      attributes.put("tags", tags(tags));
    }
    boolean ova = "ova".equals(attributes.get("disk_format"));
    if (ova) {
      attributes.put("disk_format", "vmdk");
    }
    attributes.put("container_format", container(ova, attributes.get("disk_format")));
    return attributes;
  }

  /// Parts of an Amazon machine image are their own containers.
  private static String container(boolean ova, @Nullable Object format) {
    if (ova) {
      return "ova";
    }
    return format instanceof String text && List.of("aki", "ari", "ami").contains(text)
        ? text
        : BARE;
  }
}
