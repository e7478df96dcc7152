package io.calco.guest.personalise;

import java.nio.file.Path;

/// A file or directory of the host that the clone gets.
///
/// @param local on the host
/// @param remote absolute path in the guest: of a directory that is there, or that ends with `/`,
///   to copy into it; otherwise the copy's own
public record CopyIn(Path local, String remote) {
  /// Checks the path.
  public CopyIn {
    if (!remote.startsWith("/") || java.util.List.of(remote.split("/")).contains("..")) {
      throw new IllegalArgumentException(
          "path in the guest must begin with / and hold no ..: " + remote);
    }
  }
}
