package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.guest.GuestTree;
import io.calco.guest.generalise.GeneralisationPlan;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import java.io.IOException;
import java.nio.file.Path;

/// What generalising a disk did, or would do.
///
/// @param plan each operation with its changes
/// @param os the system in the disk, for a person
/// @param wipedBytes free space that deleted files may have lain in and that was discarded; 0 for a plan
public record Generalisation(GeneralisationPlan plan, String os, long wipedBytes) {

  /// What generalising the disk would do; writes nothing.
  public static Generalisation preview(Path disk, ImageOptions options, GeneraliseOptions how)
      throws IOException {
    try (Image image = Image.open(disk, options.with(Access.READ));
        GuestDisk guest = GuestDisk.open(image.disk(), GuestDisk.Access.READ)) {
      GuestTree tree = guest.requireTree(disk.toString());
      return new Generalisation(Generaliser.plan(tree, how), Inspection.osOf(tree), 0);
    }
  }

  /// Generalises the disk itself; what is done is on the medium when this returns.
  static Generalisation apply(
      Path disk, ImageOptions options, GeneraliseOptions how, JobContext job) throws IOException {
    try (Image image = Image.open(disk, options.with(Access.WRITE));
        GuestDisk guest = GuestDisk.open(image.disk(), GuestDisk.Access.WRITE)) {
      GuestTree tree = guest.requireTree(disk.toString());
      String os = Inspection.osOf(tree);
      GeneralisationPlan plan = Generaliser.plan(tree, how);
      plan.apply(tree, job);
      long wiped = guest.trim();
      guest.sync();
      return new Generalisation(plan, os, wiped);
    }
  }
}
