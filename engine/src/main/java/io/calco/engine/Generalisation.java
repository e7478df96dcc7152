package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.guest.EncryptedGuestException;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.OsRelease;
import io.calco.guest.generalise.GeneralisationPlan;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.inspect.WindowsInspection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What generalising a disk did, or would do.
///
/// @param plan each operation with its changes
/// @param os the system in the disk, for a person
/// @param wipedBytes free space, in which deleted files may have lain, that was discarded; 0 for a
///   preview
/// @param engine who wrote; [WritingEngine#NATIVE] for a preview
/// @param encrypted the encrypted volumes of the disk
public record Generalisation(
    GeneralisationPlan plan,
    String os,
    long wipedBytes,
    WritingEngine engine,
    List<EncryptedVolume> encrypted) {

  /// Copies the list.
  public Generalisation {
    encrypted = List.copyOf(encrypted);
  }

  /// Nothing was done to a disk.
  static Generalisation none(String os) {
    return new Generalisation(
        new GeneralisationPlan(List.of(), List.of()), os, 0, WritingEngine.NATIVE, List.of());
  }

  /// The same with its encrypted volumes as they became.
  Generalisation with(List<EncryptedVolume> renewed) {
    return new Generalisation(plan, os, wipedBytes, engine, renewed);
  }

  /// Sentences for the template's owner.
  public List<String> warnings() {
    return encrypted.stream().flatMap(volume -> volume.warning().stream()).toList();
  }

  /// What generalising the disk would do; writes nothing.
  public static Generalisation preview(Path disk, GuestOptions options, GeneraliseOptions how)
      throws IOException {
    try (Image image = options.open(disk, Access.READ);
        GuestDisk guest = options.openReadOnly(image)) {
      return preview(disk, guest, how);
    }
  }

  /// What generalising an image of the catalogue would do; writes nothing.
  public static Generalisation preview(StoredSource source, GeneraliseOptions how)
      throws IOException {
    try (Image image = source.open();
        GuestDisk guest = GuestDisk.openReadOnly(image.disk(), source.keys())) {
      return preview(Path.of(source.name()), guest, how);
    }
  }

  private static Generalisation preview(Path named, GuestDisk guest, GeneraliseOptions how)
      throws IOException {
    GuestTree tree = tree(named, guest);
    return new Generalisation(
        Generaliser.plan(tree, how),
        name(tree),
        0,
        WritingEngine.NATIVE,
        EncryptedVolume.of(guest));
  }

  /// Generalises the disk itself; what is done is on the medium when this returns.
  ///
  /// @param named what a failure calls it: the disk, or what it is a copy of
  static Generalisation apply(
      Path disk, Path named, GuestOptions options, GeneraliseOptions how, JobContext job)
      throws IOException {
    try (WritableGuest guest = WritableGuest.open(disk, options)) {
      GuestTree tree = guest.tree();
      GeneralisationPlan plan = Generaliser.plan(tree, how);
      plan.apply(tree, job);
      long wiped = 0;
      for (GuestVolume volume : tree.mounts().values()) {
        wiped += volume.fileSystem().trim();
      }
      return new Generalisation(plan, name(tree), wiped, guest.engine(), guest.encrypted());
    } catch (GuestRequestException e) {
      throw refusal(named, e);
    }
  }

  private static GuestTree tree(Path disk, GuestDisk guest) {
    try {
      return guest.requireTree();
    } catch (GuestRequestException e) {
      throw refusal(disk, e);
    }
  }

  private static OperationException refusal(Path disk, GuestRequestException e) {
    if (e instanceof EncryptedGuestException closed) {
      return OperationException.encrypted(disk, closed);
    }
    return new OperationException(
        OperationException.Kind.UNSUPPORTED,
        disk + ": " + e.getMessage(),
        "see: calco inspect " + disk);
  }

  /// The system in it, for a person.
  static String name(GuestTree tree) throws IOException {
    if (tree.isWindows()) {
      return WindowsInspection.of(tree, new ArrayList<>()).product().orElse("Windows");
    }
    OsRelease os = OsRelease.of(tree);
    return os.prettyName().orElse(os.id());
  }
}
