package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The jumps that an image's status may make, as Glance's `valid_state_targets` has them.
final class ImageStates {
  private static final Map<Status, Set<Status>> TARGETS =
      Map.of(
          Status.QUEUED,
          EnumSet.of(Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.ACTIVE),
          Status.SAVING,
          EnumSet.of(Status.ACTIVE, Status.KILLED, Status.QUEUED),
          Status.UPLOADING,
          EnumSet.of(Status.IMPORTING, Status.QUEUED),
          Status.IMPORTING,
          EnumSet.of(Status.ACTIVE, Status.QUEUED),
          Status.ACTIVE,
          EnumSet.of(Status.DEACTIVATED),
          Status.KILLED,
          EnumSet.noneOf(Status.class),
          Status.DEACTIVATED,
          EnumSet.of(Status.ACTIVE));

  /// Tells which stores the last import did not reach.
  static final String FAILED_IMPORT = "os_glance_failed_import";

  /// Tells which stores an import that goes on has yet to reach.
  static final String IMPORTING_TO = "os_glance_importing_to_stores";

  private ImageStates() {}

  /// The image in another state.
  ///
  /// @throws OperationException REFUSED when it cannot get there, USAGE when its formats must be
  ///   known first
  static ImageEntry jump(ImageEntry image, Status to) {
    if (!TARGETS.getOrDefault(image.status(), Set.of()).contains(to)) {
      throw new OperationException(
          Kind.REFUSED,
          "Image status transition from %s to %s is not allowed"
              .formatted(image.status().text(), to.text()));
    }
    boolean needsFormats = to == Status.SAVING || to == Status.IMPORTING || to == Status.ACTIVE;
    if (needsFormats && image.facts().diskFormat().isEmpty()) {
      throw ImageAttributes.usage("Properties disk_format must be set prior to saving data.");
    }
    if (needsFormats && image.facts().containerFormat().isEmpty()) {
      throw ImageAttributes.usage("Properties container_format must be set prior to saving data.");
    }
    return switch (to) {
      case QUEUED -> image.with(to, Optional.empty());
      case SAVING, UPLOADING, IMPORTING ->
          ImageAttributes.withoutProperty(image.with(to), FAILED_IMPORT);
      case ACTIVE, DEACTIVATED, KILLED -> image.with(to);
    };
  }
}
