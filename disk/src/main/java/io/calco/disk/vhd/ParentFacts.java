package io.calco.disk.vhd;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.UUID;

/// What a differencing disk records of its parent.
///
/// @param name the local name, relative to the image's directory or absolute
/// @param id the parent's unique id
/// @param timeStamp when the parent was last modified, by its footer
/// @param size the parent's virtual size, when the parent was looked at
record ParentFacts(String name, UUID id, int timeStamp, OptionalLong size) {

  /// Looks at the parent; where no file can be opened, the reference must state its identity.
  static ParentFacts of(BackingReference reference, Companions companions) throws IOException {
    if (!reference.format().orElse("vpc").equals("vpc")) {
      throw new UnsupportedFeatureException(
          "%s: the parent of a differencing VHD is a VHD (vpc), not %s"
              .formatted(reference.name(), reference.format().orElse("")));
    }
    if (reference.identity().isPresent()) {
      return new ParentFacts(
          reference.name(),
          id(reference.name(), reference.identity().get()),
          0,
          OptionalLong.empty());
    }
    try (HostFile file =
        companions.open("backing image", reference.name(), Companions.Access.READ)) {
      VhdFooter footer = Footers.read(file, false).footer();
      return new ParentFacts(
          reference.name(),
          footer.uniqueId(),
          footer.timeStamp(),
          OptionalLong.of(footer.virtualSize()));
    }
  }

  private static UUID id(String name, String text) throws CorruptImageException {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new CorruptImageException("%s: identity \"%s\" is no UUID".formatted(name, text));
    }
  }

  /// A header that refers to this parent, its path at `at`.
  DynamicHeader in(DynamicHeader header, ParentPath.Recorded path, long at) {
    int length = path.bytes().length;
    ParentLocator locator =
        new ParentLocator(path.platform(), (int) VhdLayout.sectors(length), length, at);
    return header.withParent(id, timeStamp, ParentPath.fileName(name), locator);
  }
}
