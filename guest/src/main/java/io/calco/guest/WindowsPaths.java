package io.calco.guest;

import io.calco.fs.DirectoryEntry;
import java.io.IOException;
import java.util.Optional;

/// Paths of a Windows guest: names are found without regard to case, as Windows finds them.
public final class WindowsPaths {
  /// The hive that makes a file system the root of a Windows.
  public static final String SOFTWARE = "/Windows/System32/config/SOFTWARE";

  private WindowsPaths() {}

  /// The path as the guest writes it, of something that is there.
  ///
  /// @param path absolute, `/` between its names, in any case
  public static Optional<String> find(GuestTree tree, String path) throws IOException {
    String at = "/";
    for (String name : PathResolver.parts(path)) {
      Optional<String> next = child(tree, at, name);
      if (next.isEmpty()) {
        return next;
      }
      at = next.get();
    }
    return Optional.of(at);
  }

  private static Optional<String> child(GuestTree tree, String directory, String name)
      throws IOException {
    if (!tree.isDirectory(directory)) {
      return Optional.empty();
    }
    Optional<String> other = Optional.empty();
    for (DirectoryEntry entry : tree.list(directory)) {
      if (entry.name().equals(name)) {
        return Optional.of(PathResolver.join(directory, name));
      }
      if (entry.name().equalsIgnoreCase(name) && other.isEmpty()) {
        other = Optional.of(PathResolver.join(directory, entry.name()));
      }
    }
    return other;
  }
}
