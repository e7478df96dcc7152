package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.store.Root;
import java.io.IOException;
import java.util.Optional;

/// An earlier point of a disk, looked at ahead of what goes on from it: how the disk was cut then.
/// Immutable.
public final class EarlierPoint {
  private final RestorePoint point;
  private final Root root;
  private final Optional<DiskDivision> division;

  private EarlierPoint(RestorePoint point, Root root, Optional<DiskDivision> division) {
    this.point = point;
    this.root = root;
    this.division = division;
  }

  static EarlierPoint of(RestorePoint point, Root root, RestorePoints points) throws IOException {
    try (Disk disk = points.open(point, root)) {
      DiskDivision then = DiskDivision.of(disk, point.disk().coverage());
      return new EarlierPoint(point, root, Optional.of(then));
    } catch (DiskException damaged) {
      return new EarlierPoint(point, root, Optional.empty());
    }
  }

  /// The point.
  public RestorePoint point() {
    return point;
  }

  Root root() {
    return root;
  }

  /// How its disk is cut; that is closed, and gives no content. Empty when it cannot be read.
  Optional<DiskDivision> division() {
    return division;
  }
}
