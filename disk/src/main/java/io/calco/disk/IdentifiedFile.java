package io.calco.disk;

import java.io.IOException;
import java.util.List;

/// A file whose format is known, out of what it was wrapped in.
///
/// @param outer the file as it lies on the host
/// @param file the image's bytes
/// @param format their format
/// @param wrappers what they were wrapped in, the outermost first
record IdentifiedFile(HostFile outer, HostFile file, ImageFormat format, List<String> wrappers) {

  /// Finds out what a file is: by the stated format, such as `qcow2` or `qcow2.tar.gz`, or by its
  /// marks. A file with a stated format that names no wrapper is never taken out of one: a guest
  /// may have written a wrapper's marks onto its raw disk.
  ///
  /// Takes `file` over: it is closed when this fails.
  static IdentifiedFile owning(HostFile file, ImageOptions options, Companions companions)
      throws IOException {
    HostFile open = file;
    try {
      String stated = options.format().orElse("");
      int dot = stated.indexOf('.');
      if (!stated.isEmpty() && dot < 0) {
        return new IdentifiedFile(open, open, ImageFormats.get(stated), List.of());
      }
      String name = open.name();
      open = JoinedFile.owningFirst(open, companions);
      HostFile outer = open;
      Wrapping.Unwrapped inner = Wrapping.unwrapOwning(open, unwrapping(options));
      open = inner.file();
      if (dot >= 0) {
        checkStated(name, stated.substring(dot + 1), inner.wrappers());
      }
      if (options.access().writes() && !inner.wrappers().isEmpty()) {
        throw new UnsupportedFeatureException(
            "%s: is packed (%s) and cannot be changed in there; convert it to a bare image first"
                .formatted(name, String.join(", ", inner.wrappers())));
      }
      ImageFormat format =
          dot < 0 ? ImageFormats.probe(open) : ImageFormats.get(stated.substring(0, dot));
      return new IdentifiedFile(outer, open, format, inner.wrappers());
    } catch (IOException | RuntimeException e) {
      Closing.after(e, open);
      throw e;
    }
  }

  private static UnwrapOptions unwrapping(ImageOptions options) {
    UnwrapOptions limits =
        options.policy().allowsOwnDirectory()
            ? UnwrapOptions.defaults()
            : UnwrapOptions.untrusted();
    return options.member().map(limits::withMember).orElse(limits);
  }

  private static void checkStated(String file, String stated, List<String> found)
      throws CorruptImageException {
    String actual = String.join(".", found.reversed());
    if (!actual.equals(stated)) {
      throw new CorruptImageException(
          "%s: is packed as %s, not as %s as stated"
              .formatted(file, actual.isEmpty() ? "nothing" : actual, stated));
    }
  }
}
