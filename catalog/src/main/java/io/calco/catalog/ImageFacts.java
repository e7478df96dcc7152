package io.calco.catalog;

import io.calco.catalog.ImageEntry.Visibility;

/// What an image's owner says of it.
///
/// @param name empty for none; several images may have the same
/// @param visibility who sees it
/// @param isProtected it may not be deleted
/// @param hidden it is not in lists that do not ask for such
/// @param diskFormat `qcow2`, `raw` …; empty while it is not known
/// @param containerFormat `bare` …; empty while it is not known
/// @param minDisk GiB that a disk made from it must have, 0 or more
/// @param minRam MiB that a machine made from it must have, 0 or more
public record ImageFacts(
    String name,
    Visibility visibility,
    boolean isProtected,
    boolean hidden,
    String diskFormat,
    String containerFormat,
    int minDisk,
    int minRam) {

  /// A shared image of which nothing is known.
  public static ImageFacts unknown() {
    return new ImageFacts("", Visibility.SHARED, false, false, "", "", 0, 0);
  }

  /// The same with another name.
  public ImageFacts withName(String other) {
    return new ImageFacts(
        other, visibility, isProtected, hidden, diskFormat, containerFormat, minDisk, minRam);
  }

  /// The same seen by others.
  public ImageFacts with(Visibility other) {
    return new ImageFacts(
        name, other, isProtected, hidden, diskFormat, containerFormat, minDisk, minRam);
  }

  /// The same, protected or not.
  public ImageFacts withProtected(boolean other) {
    return new ImageFacts(
        name, visibility, other, hidden, diskFormat, containerFormat, minDisk, minRam);
  }

  /// The same, hidden or not.
  public ImageFacts withHidden(boolean other) {
    return new ImageFacts(
        name, visibility, isProtected, other, diskFormat, containerFormat, minDisk, minRam);
  }

  /// The same with another format of the disk.
  public ImageFacts withDiskFormat(String other) {
    return new ImageFacts(
        name, visibility, isProtected, hidden, other, containerFormat, minDisk, minRam);
  }

  /// The same with another container.
  public ImageFacts withContainerFormat(String other) {
    return new ImageFacts(
        name, visibility, isProtected, hidden, diskFormat, other, minDisk, minRam);
  }

  /// The same for other disks.
  public ImageFacts withMinDisk(int other) {
    return new ImageFacts(
        name, visibility, isProtected, hidden, diskFormat, containerFormat, other, minRam);
  }

  /// The same for other machines.
  public ImageFacts withMinRam(int other) {
    return new ImageFacts(
        name, visibility, isProtected, hidden, diskFormat, containerFormat, minDisk, other);
  }
}
