package io.calco.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Which files an image may make us open: its backing image, data file, extents, parent. The file
/// that the user named is not asked about; every reference found *inside* a file is.
///
/// Only plain local files are ever allowed. A name is resolved through all links first, so that no
/// link leads outside. Immutable.
public final class OpenPolicy {
  private final boolean ownDirectory;
  private final List<Path> allowed;

  private OpenPolicy(boolean ownDirectory, List<Path> allowed) {
    this.ownDirectory = ownDirectory;
    this.allowed = List.copyOf(allowed);
  }

  /// References stay within the directory of the image that makes them.
  public static OpenPolicy ownDirectory() {
    return new OpenPolicy(true, List.of());
  }

  /// No reference is followed: for images from strangers.
  public static OpenPolicy denyAll() {
    return new OpenPolicy(false, List.of());
  }

  /// True when every plain file in the image's own directory may be opened.
  boolean allowsOwnDirectory() {
    return ownDirectory;
  }

  /// This policy, and everything below `directory`.
  public OpenPolicy allowing(Path directory) {
    List<Path> wider = new ArrayList<>(allowed);
    wider.add(directory);
    return new OpenPolicy(ownDirectory, wider);
  }

  /// Resolves a reference found inside `referrer`, or refuses it.
  ///
  /// @param referrer the file that holds the reference
  /// @param kind what it is, for the message: "backing image", "data file" …
  /// @param reference the name as it stands in the file
  /// @return the real path of a plain file
  /// @throws OpenDeniedException when the policy refuses; nothing was opened
  public Path resolve(Path referrer, String kind, String reference) throws IOException {
    String name = reference.startsWith("file:") ? reference.substring("file:".length()) : reference;
    if (name.isEmpty() || name.indexOf('\0') >= 0 || hasProtocol(name)) {
      throw new OpenDeniedException(
          "%s: %s \"%s\": only plain local files are opened"
              .formatted(referrer, kind, printable(reference)));
    }
    Path candidate = referrer.toAbsolutePath().resolveSibling(name);
    if (ofSystem(candidate.normalize())) {
      throw notPlain(referrer, kind, reference);
    }
    Path real;
    try {
      real = candidate.toRealPath();
    } catch (java.nio.file.NoSuchFileException missing) {
      throw new java.nio.file.NoSuchFileException(
          candidate.toString(), null, kind + " of " + referrer + " does not exist");
    }
    if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS) || ofSystem(real)) {
      throw notPlain(referrer, kind, reference);
    }
    if (ownDirectory && real.startsWith(directory(referrer))) {
      return real;
    }
    for (Path root : allowed) {
      if (Files.exists(root) && real.startsWith(root.toRealPath())) {
        return real;
      }
    }
    throw new OpenDeniedException(
        "%s: %s \"%s\" lies outside the image's directory; allow it with --allow %s"
            .formatted(referrer, kind, printable(reference), real.getParent()));
  }

  /// The real directory of a file, also of one that is still being made.
  private static Path directory(Path file) throws IOException {
    return Files.exists(file)
        ? file.toRealPath().resolveSibling("")
        : file.toAbsolutePath().resolveSibling("").toRealPath();
  }

  private static OpenDeniedException notPlain(Path referrer, String kind, String reference) {
    return new OpenDeniedException(
        "%s: %s \"%s\" is not a plain file".formatted(referrer, kind, printable(reference)));
  }

  private static boolean ofSystem(Path path) {
    return path.startsWith("/proc") || path.startsWith("/dev") || path.startsWith("/sys");
  }

  /// QEMU's rule: a colon before the first slash makes a protocol name.
  private static boolean hasProtocol(String name) {
    int colon = name.indexOf(':');
    int slash = name.indexOf('/');
    return colon >= 0 && (slash < 0 || colon < slash);
  }

  /// Text from an image, safe for a terminal.
  public static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .limit(200)
        .forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c));
    return out.toString();
  }
}
