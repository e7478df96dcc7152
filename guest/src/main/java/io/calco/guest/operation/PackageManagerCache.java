package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;

/// Removes the packages that apt, dnf, yum and zypper downloaded; their directories stay.
final class PackageManagerCache extends Operation {
  private static final List<String> CACHES =
      List.of("/var/cache/apt/archives", "/var/cache/dnf", "/var/cache/yum", "/var/cache/zypp*");

  PackageManagerCache() {
    super("package-manager-cache", Default.ON, "Remove downloaded packages");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String pattern : CACHES) {
      for (String cache : draft.glob(pattern)) {
        draft.removeFilesBelow(cache, _ -> false);
      }
    }
  }
}
