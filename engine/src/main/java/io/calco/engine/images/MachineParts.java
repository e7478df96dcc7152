package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// The images that a machine image in three parts names: an ami its kernel (aki) and its RAM disk
/// (ari).
public final class MachineParts {
  private MachineParts() {}

  /// Adds the properties by which an ami names them, `kernel_id` and `ramdisk_id`.
  ///
  /// @param format the image's; only an ami names others
  /// @param kernel a name, alias or id
  /// @param ramdisk likewise
  /// @throws OperationException USAGE when the image is no ami, or one of them is not what it must
  ///   be
  public static void addParts(
      ImageService images,
      Caller caller,
      Optional<String> format,
      Optional<String> kernel,
      Optional<String> ramdisk,
      Map<String, Object> attributes)
      throws IOException {
    if (kernel.isEmpty() && ramdisk.isEmpty()) {
      return;
    }
    if (!format.equals(Optional.of("ami"))) {
      throw ImageAttributes.usage("A kernel and a RAM disk are named by an ami: add --format ami.");
    }
    if (kernel.isPresent()) {
      attributes.put("kernel_id", part(images, caller, kernel.get(), "aki"));
    }
    if (ramdisk.isPresent()) {
      attributes.put("ramdisk_id", part(images, caller, ramdisk.get(), "ari"));
    }
  }

  private static String part(ImageService images, Caller caller, String name, String format)
      throws IOException {
    ImageEntry image = images.names().get(caller, name);
    if (!image.facts().diskFormat().equals(format)) {
      throw new OperationException(
          Kind.USAGE,
          "image %s is a %s, not a %s".formatted(name, image.facts().diskFormat(), format));
    }
    return image.id();
  }
}
