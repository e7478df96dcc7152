package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageFacts;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.OpenPolicy;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Images' content as disks. An image's format is what it is said to be, never what its content
/// looks like: a guest may have written another format's marks onto its disk.
final class ImageDisks {
  private static final String BARE = "bare";

  /// The formats that we call otherwise than the API does.
  private static final Map<String, String> OUR_NAMES =
      Map.of("vhd", "vpc", "ploop", "parallels", "gpt", "raw", "ami", "raw");

  /// What is no disk, but a file that a machine is started by.
  private static final Set<String> KERNELS = Set.of("aki", "ari");

  private ImageDisks() {}

  /// What the content is, as we call it: `qcow2`, `iso`; empty where the container or the kind does
  /// not tell.
  static Optional<String> declared(ImageFacts facts) {
    return isDisk(facts) && facts.containerFormat().equals(BARE)
        ? Optional.of(inner(facts))
        : Optional.empty();
  }

  /// What the content is once it is out of its container, as we call it.
  static String inner(ImageFacts facts) {
    return OUR_NAMES.getOrDefault(facts.diskFormat(), facts.diskFormat());
  }

  /// False for what is no disk: a kernel, its RAM disk, a container's layers.
  static boolean isDisk(ImageFacts facts) {
    return !KERNELS.contains(facts.diskFormat()) && !facts.containerFormat().equals("docker");
  }

  /// An image's guest bytes. They rest on nothing else: content that refers to other files is never
  /// an image's.
  ///
  /// @param content is closed with the result, and also when this fails
  /// @throws OperationException UNSUPPORTED when the image is no disk
  static Image openOwning(HostFile content, ImageFacts facts) throws IOException {
    if (!isDisk(facts)) {
      try (content) {
        throw new OperationException(
            Kind.UNSUPPORTED,
            "an image of the format %s is no disk, but a part of one"
                .formatted(facts.diskFormat()));
      }
    }
    ImageOptions reading = ImageOptions.reading().with(OpenPolicy.denyAll()).with(Access.READ);
    String format = inner(facts).equals("iso") ? "raw" : inner(facts);
    if (declared(facts).isPresent()) {
      return Image.openOwning(content, reading.withFormat(format));
    }
    Image image = Image.openOwning(content, reading);
    if (!image.format().equals(format)) {
      try (image) {
        throw new OperationException(
            Kind.CORRUPT,
            "the image holds a %s, not a %s as declared".formatted(image.format(), format));
      }
    }
    return image;
  }

  /// An image's guest bytes, out of where its content lies.
  static Image open(ImageContents contents, ImageEntry image) throws IOException {
    String blob =
        image
            .data()
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED, "Image %s has no data yet.".formatted(image.id())))
            .blob();
    return openOwning(contents.open(blob), image.facts());
  }
}
