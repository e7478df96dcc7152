package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;

/// Who may do what with an image: Glance's defaults for admin, member and reader.
final class ImagePolicy {
  private ImagePolicy() {}

  /// True when the caller belongs to the project that owns the image.
  static boolean owns(Caller caller, ImageEntry image) {
    return caller.projectId().map(image.owner()::equals).orElse(false);
  }

  /// True when the caller may know of the image, members of it aside.
  static boolean seesWithoutMembership(Caller caller, ImageEntry image) {
    Visibility visibility = image.facts().visibility();
    return caller.isAdmin()
        || caller.has(Caller.READER)
            && (owns(caller, image)
                || visibility == Visibility.PUBLIC
                || visibility == Visibility.COMMUNITY);
  }

  /// Refuses a caller who may not look at images.
  static void requireReader(Caller caller) {
    if (!caller.isAdmin() && !caller.has(Caller.READER)) {
      throw denied("You are not authorized to look at images: this needs the role reader.");
    }
  }

  /// Refuses a caller who may not change an image that they see.
  ///
  /// @param what `modify`, `delete` …
  static void requireOwner(Caller caller, ImageEntry image, String what) {
    if (!caller.isAdmin() && !(caller.has(Caller.MEMBER) && owns(caller, image))) {
      throw denied("You are not permitted to %s image %s.".formatted(what, image.id()));
    }
  }

  /// Refuses a caller who may not add an image of that owner.
  static void requireAdding(Caller caller, String owner) {
    boolean own = caller.projectId().map(owner::equals).orElse(false);
    if (!caller.isAdmin() && !(caller.has(Caller.MEMBER) && own)) {
      throw denied("You are not permitted to create images owned by '%s'.".formatted(owner));
    }
  }

  /// Refuses a caller who may not give an image this visibility.
  static void requireVisibility(Caller caller, Visibility visibility) {
    if (visibility == Visibility.PUBLIC) {
      requireAdmin(caller, "You are not authorized to make images public.");
    }
  }

  /// Refuses a caller who may see an image, but not its content.
  static void requireDownloading(Caller caller, ImageEntry image) {
    if (!caller.isAdmin() && !caller.has(Caller.MEMBER)) {
      throw denied("You are not authorized to download image %s.".formatted(image.id()));
    }
    if (image.status() == ImageEntry.Status.DEACTIVATED && !caller.isAdmin()) {
      throw denied("The requested image has been deactivated. Image data download is forbidden.");
    }
  }

  static void requireAdmin(Caller caller, String message) {
    if (!caller.isAdmin()) {
      throw denied(message);
    }
  }

  static OperationException denied(String message) {
    return new OperationException(Kind.DENIED, message);
  }
}
