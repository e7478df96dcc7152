package io.calco.disk.vdi;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// Finds the image that a differencing VDI names by its UUID alone: VirtualBox knows from its
/// registry where it lies; here it is looked for in the image's directory.
final class ParentSearch {
  private static final String SUFFIX = ".vdi";

  private ParentSearch() {}

  /// A reference to the parent: among images that have its UUID, copies of one, to the first whose
  /// state is the one noted. To the name that VirtualBox gives to snapshots, which no file has,
  /// when none was found.
  static BackingReference find(VdiHeader child, Companions companions) throws IOException {
    UUID parent = child.parent();
    String found = "{" + parent + "}" + SUFFIX;
    boolean any = false;
    for (String name : companions.neighbours()) {
      Optional<VdiHeader> header = header(name, companions);
      if (header.isEmpty() || !header.get().identity().equals(parent)) {
        continue;
      }
      boolean unchanged = header.get().state().equals(child.parentState());
      if (!any || unchanged) {
        found = name;
        any = true;
      }
      if (unchanged) {
        break;
      }
    }
    return new BackingReference(found, Optional.of("vdi"), Optional.of(parent.toString()));
  }

  /// The header of another image; empty when the file is no VDI that can be read.
  private static Optional<VdiHeader> header(String name, Companions companions) throws IOException {
    if (!name.toLowerCase(Locale.ROOT).endsWith(SUFFIX) || name.equals(companions.imageName())) {
      return Optional.empty();
    }
    try (HostFile file = companions.open("parent", name, Companions.Access.READ)) {
      return VdiHeader.isMarked(file) ? Optional.of(VdiHeader.read(file)) : Optional.empty();
    } catch (DiskException | EOFException unusable) {
      return Optional.empty();
    }
  }
}
