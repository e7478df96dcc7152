package io.calco.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/// The formats that are installed.
public final class ImageFormats {
  private static final List<ImageFormat> ALL =
      ServiceLoader.load(ImageFormat.class, ImageFormats.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private ImageFormats() {}

  /// All formats.
  public static List<ImageFormat> all() {
    return ALL;
  }

  /// The format of that name.
  ///
  /// @throws UnsupportedFeatureException when there is none
  public static ImageFormat get(String name) throws UnsupportedFeatureException {
    for (ImageFormat format : ALL) {
      if (format.name().equals(name)) {
        return format;
      }
    }
    throw new UnsupportedFeatureException(
        "unknown format \"%s\"; known: %s"
            .formatted(
                name, String.join(", ", ALL.stream().map(ImageFormat::name).sorted().toList())));
  }

  /// True when the file's end carries the marks of a format that keeps them there.
  static boolean isMarkedAtEnd(HostFile file) throws IOException {
    for (ImageFormat format : ALL) {
      if (format.markedAtEnd() && format.probe(file)) {
        return true;
      }
    }
    return false;
  }

  /// The format whose marks the file carries; raw when none does.
  ///
  /// @throws UnsupportedFeatureException when they are those of a format that is not installed
  /// @throws CorruptImageException when more than one matches: such a file means different things
  ///   to different readers
  public static ImageFormat probe(HostFile file) throws IOException {
    List<ImageFormat> matches = new ArrayList<>();
    for (ImageFormat format : ALL) {
      if (format.probe(file)) {
        matches.add(format);
      }
    }
    if (matches.size() > 1) {
      throw new CorruptImageException(
          "%s: carries the marks of several formats (%s); state which it is with -f"
              .formatted(
                  file.name(),
                  String.join(", ", matches.stream().map(ImageFormat::name).toList())));
    }
    return matches.isEmpty() ? get("raw") : matches.getFirst();
  }
}
