package io.calco.guest.inspect.packages;

import io.calco.disk.LimitExceededException;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a package manager has installed.
///
/// @param manager `dpkg`, `apk`, `pacman`, `rpm`
/// @param packages by name, then version, then architecture; empty when the database cannot be read
/// @param complete the database was read to its end
/// @param warnings what could not be read, one sentence each
public record InstalledPackages(
    String manager, List<InstalledPackage> packages, boolean complete, List<String> warnings) {
  /// Most packages in one database: 200,000, ours; Debian has 65,000 in all.
  public static final int MAX_PACKAGES = 200_000;

  private static final Comparator<InstalledPackage> ORDER =
      Comparator.comparing(InstalledPackage::name)
          .thenComparing(InstalledPackage::fullVersion)
          .thenComparing(installed -> installed.architecture().orElse(""));

  /// Copies the lists.
  public InstalledPackages {
    packages = List.copyOf(packages);
    warnings = List.copyOf(warnings);
  }

  /// Takes packages as they are read.
  @FunctionalInterface
  interface Sink {
    void accept(InstalledPackage installed) throws IOException;
  }

  /// Reads one kind of database.
  @FunctionalInterface
  private interface Reader {
    /// False when there is none of the kind.
    boolean read(GuestTree tree, Sink sink, List<String> warnings) throws IOException;
  }

  /// What is installed. Of several managers the first that has packages counts, in the order dpkg,
  /// apk, pacman, rpm: a Fedora may have dpkg's tools, with an empty database. A database that
  /// cannot be read costs its packages and gives a warning.
  ///
  /// @return empty when no manager's database is there
  public static Optional<InstalledPackages> of(GuestTree tree) {
    List<InstalledPackages> found = new ArrayList<>();
    read("dpkg", tree, TextDatabases::dpkg).ifPresent(found::add);
    read("apk", tree, TextDatabases::apk).ifPresent(found::add);
    read("pacman", tree, TextDatabases::pacman).ifPresent(found::add);
    read("rpm", tree, RpmDatabase::read).ifPresent(found::add);
    return found.stream()
        .filter(some -> !some.packages().isEmpty() || !some.complete())
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  private static Optional<InstalledPackages> read(String manager, GuestTree tree, Reader reader) {
    List<InstalledPackage> packages = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    try {
      if (!reader.read(tree, installed -> add(packages, installed, manager), warnings)) {
        return Optional.empty();
      }
    } catch (IOException e) {
      warnings.add("cannot read the packages: " + e.getMessage());
      return Optional.of(new InstalledPackages(manager, List.of(), false, warnings));
    }
    packages.sort(ORDER);
    return Optional.of(new InstalledPackages(manager, packages, true, warnings));
  }

  private static void add(
      List<InstalledPackage> packages, InstalledPackage installed, String manager)
      throws LimitExceededException {
    if (packages.size() == MAX_PACKAGES) {
      throw new LimitExceededException(
          "the database of %s has more than %d packages (our limit)"
              .formatted(manager, MAX_PACKAGES));
    }
    packages.add(installed);
  }
}
