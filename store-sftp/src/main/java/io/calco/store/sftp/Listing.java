package io.calco.store.sftp;

import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The objects under a directory and those below: many directories are read side by side, so that a
/// store's 256 of packs take a few answers' time and not 256. Confined.
final class Listing {
  private static final int SIDE_BY_SIDE = 32;

  private final SftpPlace place;
  private final SftpFiles files;

  Listing(SftpPlace place, SftpFiles files) {
    this.place = place;
    this.files = files;
  }

  /// @param prefix empty, or a directory's name with a `/` at the end
  List<StoredObject> of(String prefix) throws IOException {
    List<StoredObject> found = new ArrayList<>();
    ArrayDeque<String> directories = new ArrayDeque<>(List.of(prefix));
    long seen = 0;
    while (!directories.isEmpty()) {
      List<String> some = new ArrayList<>();
      while (!directories.isEmpty() && some.size() < SIDE_BY_SIDE) {
        some.add(directories.remove());
      }
      List<List<Reply.DirectoryEntry>> contents =
          files.read(some.stream().map(this::path).toList());
      for (int i = 0; i < some.size(); i++) {
        for (Reply.DirectoryEntry entry : contents.get(i)) {
          ObjectNames.checkListed(place.toString(), ++seen);
          String name = some.get(i) + entry.name();
          if (!ObjectNames.isName(name) || entry.name().contains("/")) {
            continue;
          }
          if (entry.attributes().isDirectory()) {
            directories.add(name + "/");
          } else if (entry.attributes().isFile()) {
            found.add(new StoredObject(name, entry.attributes().size()));
          }
        }
      }
    }
    return found;
  }

  private String path(String directory) {
    return directory.isEmpty()
        ? place.path()
        : place.path() + "/" + directory.substring(0, directory.length() - 1);
  }

  /// Throws when one directory has more names than all should have.
  static void checkDirectory(long names) throws IOException {
    ObjectNames.checkListed("the server", names);
  }
}
