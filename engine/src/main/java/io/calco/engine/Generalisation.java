package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.OsRelease;
import io.calco.guest.generalise.GeneralisationPlan;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import java.io.IOException;
import java.nio.file.Path;

/// What generalising a disk did, or would do.
///
/// @param plan each operation with its changes
/// @param os the system in the disk, for a person
/// @param wipedBytes free space, in which deleted files may have lain, that was discarded; 0 for a
///   preview
public record Generalisation(GeneralisationPlan plan, String os, long wipedBytes) {

  /// What generalising the disk would do; writes nothing.
  public static Generalisation preview(Path disk, ImageOptions options, GeneraliseOptions how)
      throws IOException {
    try (Image image = Image.open(disk, options.with(Access.READ));
        GuestDisk guest = GuestDisk.openReadOnly(image.disk())) {
      GuestTree tree = tree(disk, guest);
      return new Generalisation(Generaliser.plan(tree, how), name(tree), 0);
    }
  }

  /// Generalises the disk itself; what is done is on the medium when this returns.
  ///
  /// @param named what a failure calls it: the disk, or what it is a copy of
  static Generalisation apply(
      Path disk, Path named, ImageOptions options, GeneraliseOptions how, JobContext job)
      throws IOException {
    try (Image image = Image.open(disk, options.with(Access.WRITE))) {
      Generalisation done;
      try (GuestDisk guest = GuestDisk.openWritable(image.disk())) {
        GuestTree tree = tree(named, guest);
        GeneralisationPlan plan = Generaliser.plan(tree, how);
        plan.apply(tree, job);
        long wiped = 0;
        for (GuestVolume volume : tree.mounts().values()) {
          wiped += volume.fileSystem().trim();
        }
        done = new Generalisation(plan, name(tree), wiped);
      }
      image.disk().sync();
      return done;
    }
  }

  private static GuestTree tree(Path disk, GuestDisk guest) {
    try {
      return guest.requireTree();
    } catch (GuestRequestException e) {
      throw new OperationException(
          OperationException.Kind.UNSUPPORTED,
          disk + ": " + e.getMessage(),
          "see: calco inspect " + disk);
    }
  }

  private static String name(GuestTree tree) throws IOException {
    OsRelease os = OsRelease.of(tree);
    return os.prettyName().orElse(os.id());
  }
}
