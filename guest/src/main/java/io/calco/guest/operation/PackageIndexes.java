package io.calco.guest.operation;

/// Remove what package managers can make again: indexes, further caches.
final class PackageIndexes extends Removal {
  PackageIndexes() {
    super(
        "package-indexes",
        Default.ON,
        "Remove what package managers can make again: indexes, further caches",
        What.TREES,
        "/var/cache/apt/pkgcache.bin",
        "/var/cache/apt/srcpkgcache.bin",
        "/var/cache/libdnf5/*",
        "/var/cache/PackageKit/*",
        "/var/cache/pacman/pkg/*",
        "/var/cache/apk/*",
        "/var/lib/dnf/repos/*/countme",
        "/var/lib/zypp/AnonymousUniqueId");
  }
}
