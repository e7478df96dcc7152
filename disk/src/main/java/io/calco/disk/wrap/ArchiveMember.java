package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A plain file in an archive. Its name is for choosing and for messages: never a path.
interface ArchiveMember {
  /// The name as it stands in the archive.
  String name();

  /// Its bytes when unpacked.
  long size();

  /// What comes along with disks and is none.
  Set<String> OTHER_ENDINGS =
      Set.of(
          "ovf",
          "mf",
          "cert",
          "txt",
          "md",
          "md5",
          "sha1",
          "sha256",
          "sha512",
          "sha256sum",
          "sha512sum",
          "md5sum",
          "asc",
          "sig",
          "gpg",
          "json",
          "xml",
          "yml",
          "yaml",
          "html",
          "htm",
          "pdf",
          "rtf",
          "nvram",
          "vmx",
          "vmxf",
          "vmsd",
          "vbox",
          "plist",
          "log",
          "sh",
          "bat",
          "ini",
          "cfg",
          "manifest",
          "ds_store");

  /// The same, by the whole name.
  Set<String> OTHER_NAMES =
      Set.of("readme", "license", "copying", "sha256sums", "sha512sums", "sha1sums", "md5sums");

  /// Ours: how many names a message lists.
  int LISTED = 12;

  /// The member that is the disk.
  ///
  /// @param archive for messages
  /// @param wanted the member's name, when the user said it
  /// @throws UnsupportedFeatureException when there is none, or several could be
  static <M extends ArchiveMember> M choose(
      String archive, List<M> members, Optional<String> wanted) throws IOException {
    List<M> found =
        members.stream()
            .filter(member ->
                wanted.isPresent() ? bare(member).equals(wanted.get()) : couldBeDisk(member))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (wanted.isPresent() && found.size() > 1) {
      throw new CorruptImageException(
          "%s: holds \"%s\" more than once".formatted(archive, OpenPolicy.printable(wanted.get())));
    }
    if (wanted.isPresent()) {
      throw new UnsupportedFeatureException(
          "%s: holds no \"%s\"; there are: %s"
              .formatted(archive, OpenPolicy.printable(wanted.get()), list(members)));
    }
    throw new UnsupportedFeatureException(
        found.isEmpty()
            ? "%s: holds no disk image; there are: %s".formatted(archive, list(members))
            : "%s: holds several files that could be the disk, name one of them: %s"
                .formatted(archive, list(found)));
  }

  private static boolean couldBeDisk(ArchiveMember member) {
    String name = member.name().toLowerCase(Locale.ROOT);
    String last = name.substring(name.lastIndexOf('/') + 1);
    String ending = last.substring(last.lastIndexOf('.') + 1);
    return member.size() > 0
        && !OTHER_ENDINGS.contains(ending)
        && !OTHER_NAMES.contains(last)
        && !last.startsWith("._");
  }

  private static String bare(ArchiveMember member) {
    return member.name().startsWith("./") ? member.name().substring(2) : member.name();
  }

  private static String list(List<? extends ArchiveMember> members) {
    if (members.isEmpty()) {
      return "no files at all";
    }
    String names =
        String.join(
            ", ",
            members.stream()
                .limit(LISTED)
                .map(member -> OpenPolicy.printable(bare(member)))
                .toList());
    return members.size() > LISTED
        ? "%s and %d more".formatted(names, members.size() - LISTED)
        : names;
  }
}
