package io.calco.engine.images;

import io.calco.catalog.ProjectQuota;

/// How much an image and a project may have.
///
/// @param tags of an image
/// @param properties of an image, besides those that every image has
/// @param members of an image
/// @param locations of an image
/// @param imageSize bytes of an image's content
/// @param projectImages images of a project
/// @param projectSize bytes of content of a project
/// @param projectStaged bytes of staged content of a project
/// @param projectUploads images of a project whose content is coming
public record ImageLimits(
    int tags,
    int properties,
    int members,
    int locations,
    long imageSize,
    long projectImages,
    long projectSize,
    long projectStaged,
    long projectUploads) {

  /// No limit.
  public static final long UNLIMITED = Long.MAX_VALUE;

  /// Glance's: 128 of each, 10 locations, 1 TiB an image, nothing for projects.
  public static ImageLimits defaults() {
    return new ImageLimits(128, 128, 128, 10, 1L << 40, UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED);
  }

  /// The same for a project that has a quota.
  ImageLimits with(ProjectQuota quota) {
    return new ImageLimits(
        tags,
        properties,
        members,
        locations,
        imageSize,
        amount(quota.images()),
        amount(quota.size()),
        amount(quota.staged()),
        amount(quota.uploads()));
  }

  private static long amount(long stated) {
    return stated == ProjectQuota.UNLIMITED ? UNLIMITED : stated;
  }
}
