package io.calco.server.web.image;

import io.calco.catalog.Clone;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageUse;
import io.calco.engine.images.ImageFamily;
import java.util.List;
import java.util.Optional;

/// What an image comes from, what was made of it, and the versions beside it, as a page shows them.
///
/// @param image whose kin this is
/// @param origin where its content came from; empty while it has none
/// @param uses templates and clones of this host
/// @param hosts whether the reader may look at those, and at this host's paths
/// @param family the versions
record ImageKin(
    ImageEntry image,
    Optional<ImageOrigin> origin,
    List<ImageUse> uses,
    boolean hosts,
    ImageFamily family) {
  /// So many clones of a version are drawn; the others are counted.
  private static final int CLONES_MAX = 12;

  /// So many versions are shown before and after the image.
  private static final int VERSIONS_AROUND = 12;

  /// Copies the list.
  ImageKin {
    uses = List.copyOf(uses);
  }

  /// The clones of a version that are drawn.
  static List<ImageUse.Made> drawn(ImageUse use) {
    return use.clones().subList(0, Math.min(CLONES_MAX, use.clones().size()));
  }

  /// How many clones of a version are not drawn.
  static int more(ImageUse use) {
    return use.clones().size() - drawn(use).size();
  }

  /// How a clone is drawn.
  static String kind(ImageUse.Made clone) {
    return clone.kind() == Clone.Kind.LINKED ? "linked" : "full";
  }

  /// How many templates' versions are made of it.
  int templates() {
    return uses.size();
  }

  /// How many clones there are of those.
  int clones() {
    return uses.stream().mapToInt(use -> use.clones().size()).sum();
  }

  /// The place that its content came from: an address, or a file, of which others than this host's
  /// people see the name only; empty for none.
  String place() {
    String place = origin.map(ImageOrigin::place).orElse("");
    boolean path = origin.map(ImageOrigin::kind).filter(ImageKin::isOfHost).isPresent();
    return path && !hosts ? place.substring(place.lastIndexOf('/') + 1) : place;
  }

  private static boolean isOfHost(ImageOrigin.Kind kind) {
    return switch (kind) {
      case FILE, POOL -> true;
      case UPLOAD, WEB, INPUT -> false;
    };
  }

  /// The same, as short as can be understood: the host of an address and the last name.
  String shortPlace() {
    String place = place();
    int scheme = place.indexOf("://");
    String name = place.substring(place.lastIndexOf('/') + 1);
    if (scheme < 0) {
      return name;
    }
    int end = place.indexOf('/', scheme + 3);
    String host = place.substring(scheme + 3, end < 0 ? place.length() : end);
    return end < 0 || name.isEmpty() ? host : host + " … " + name;
  }

  /// What was compared with what its publisher says; empty when nothing was.
  Optional<ImageOrigin.Verified> verified() {
    return origin.map(ImageOrigin::verified).filter(proof -> !proof.checksum().isEmpty());
  }

  /// The versions around the image.
  List<ImageFamily.Member> versions() {
    List<ImageFamily.Member> all = family.members();
    return all.subList(
        Math.max(0, position() - VERSIONS_AROUND),
        Math.min(all.size(), position() + VERSIONS_AROUND + 1));
  }

  /// How many versions are not shown.
  int otherVersions() {
    return family.members().size() - versions().size();
  }

  private int position() {
    return family.members().stream()
        .map(member -> member.image().id())
        .toList()
        .indexOf(image.id());
  }

  boolean isThis(ImageFamily.Member member) {
    return member.image().id().equals(image.id());
  }
}
