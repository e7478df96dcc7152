package io.calco.server.web.image;

import io.calco.catalog.ImageEntry;

/// How images are called on pages.
final class ImageNames {
  private ImageNames() {}

  /// The name; the beginning of the id where there is none.
  static String shown(ImageEntry image) {
    String name = image.facts().name();
    return name.isBlank() ? image.id().substring(0, 8) : name;
  }

  /// The operating system, as properties that OpenStack knows tell it; empty where they do not.
  static String os(ImageEntry image) {
    String distribution = image.properties().getOrDefault("os_distro", "");
    String version = image.properties().getOrDefault("os_version", "");
    return (distribution + " " + version).strip();
  }

  /// How its state is marked.
  static String mark(ImageEntry image) {
    return switch (image.status()) {
      case ACTIVE -> "good";
      case SAVING, UPLOADING, IMPORTING -> "busy";
      case DEACTIVATED, KILLED -> "bad";
      case QUEUED -> "";
    };
  }
}
