package io.calco.guest.inspect.packages;

import io.calco.guest.GuestTree;
import io.calco.guest.inspect.packages.InstalledPackages.Sink;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Finds which of rpm's databases is there.
final class RpmDatabase {
  private static final List<String> DIRECTORIES =
      List.of("/usr/lib/sysimage/rpm/", "/var/lib/rpm/", "/usr/share/rpm/");

  private RpmDatabase() {}

  /// Takes records as they are read.
  @FunctionalInterface
  interface Records {
    void accept(byte[] header) throws IOException;
  }

  static boolean read(GuestTree tree, Sink sink, List<String> warnings) throws IOException {
    Records headers = blob -> sink.accept(RpmHeader.parse(blob));
    for (String directory : DIRECTORIES) {
      Optional<DatabaseFile> sqlite = DatabaseFile.find(tree, directory + "rpmdb.sqlite");
      if (sqlite.isPresent()) {
        Optional<DatabaseFile> log = DatabaseFile.find(tree, directory + "rpmdb.sqlite-wal");
        if (log.isPresent() && log.get().size() > 0) {
          warnings.add(
              "rpm's database has a write-ahead log of %d bytes: what it changes is not counted"
                  .formatted(log.get().size()));
        }
        new SqliteTable(sqlite.get()).read("Packages", headers);
        return true;
      }
      Optional<DatabaseFile> ndb = DatabaseFile.find(tree, directory + "Packages.db");
      if (ndb.isPresent()) {
        NdbFile.read(ndb.get(), headers);
        return true;
      }
      Optional<DatabaseFile> berkeley = DatabaseFile.find(tree, directory + "Packages");
      if (berkeley.isPresent()) {
        new BerkeleyHash(berkeley.get()).read(headers);
        return true;
      }
    }
    return false;
  }
}
