package io.calco.guest;

import io.calco.disk.Closing;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.guestfish.Guestfish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A guest's files written by libguestfs, for those whose file systems Calco only reads.
///
/// The disk is looked at first ([#of]), then closed by whoever opened it, then opened by libguestfs
/// ([#open]).
public final class SecondEngine {
  private final List<GuestVolume> mounted;

  private SecondEngine(List<GuestVolume> mounted) {
    this.mounted = List.copyOf(mounted);
  }

  /// True when libguestfs is installed.
  public static boolean isInstalled() {
    return Guestfish.isInstalled();
  }

  /// Where the guest's files lie.
  ///
  /// @param seen open for reading; may be closed afterwards
  /// @throws UnsupportedFeatureException when the guest hibernates
  /// @throws GuestRequestException when there is no operating system
  public static SecondEngine of(GuestDisk seen) throws IOException {
    seen.refuseSleeping();
    List<GuestVolume> mounts = List.copyOf(seen.requireTree().mounts().values());
    List<GuestVolume> mounted = new ArrayList<>();
    for (GuestVolume volume : seen.fileSystems()) {
      if (mounts.stream().anyMatch(mount -> device(mount).equals(device(volume)))) {
        refuseEncrypted(seen, volume);
        mounted.add(volume);
      }
    }
    return new SecondEngine(mounted);
  }

  /// It would have to be told the passphrase.
  private static void refuseEncrypted(GuestDisk seen, GuestVolume volume)
      throws UnsupportedFeatureException {
    if (seen.isEncrypted(volume)) {
      throw new UnsupportedFeatureException(
          "%s is encrypted, and its file system (%s) is one that Calco itself only reads"
              .formatted(volume.describe(), volume.facts().type()));
    }
  }

  /// The name that libguestfs has for the place: it knows the volumes of a volume group by theirs.
  private static String device(GuestVolume volume) {
    Optional<String> named = volume.devices().stream().sorted().findFirst();
    if (named.isPresent()) {
      return named.get();
    }
    return volume.partitionNumber().isPresent()
        ? "/dev/sda" + volume.partitionNumber().getAsInt()
        : "/dev/sda";
  }

  /// Opens the guest's files for writing.
  ///
  /// @param disk opened by nobody else
  /// @param format its format, by Calco's name
  /// @throws UnsupportedFeatureException when libguestfs is not installed, telling which package to
  ///   install
  public Guest open(Path disk, String format) throws IOException {
    Guestfish machine = Guestfish.open(disk, format.equals("vhd") ? "vpc" : format);
    try {
      List<GuestVolume> opened = new ArrayList<>();
      for (GuestVolume volume : mounted) {
        opened.add(volume.withFileSystem(machine.openFileSystem(device(volume))));
      }
      GuestTree tree =
          GuestTree.assemble(opened)
              .orElseThrow(
                  () -> new IOException("libguestfs sees no operating system where there is one"));
      return new Guest(machine, tree);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, machine);
      throw e;
    }
  }

  /// A guest's files, open. Confined.
  public static final class Guest implements AutoCloseable {
    private final Guestfish machine;
    private final GuestTree tree;

    private Guest(Guestfish machine, GuestTree tree) {
      this.machine = machine;
      this.tree = tree;
    }

    /// The files.
    public GuestTree tree() {
      return tree;
    }

    /// Closes the file systems and the machine: all that was written is in the disk.
    @Override
    public void close() throws IOException {
      machine.close();
    }
  }
}
