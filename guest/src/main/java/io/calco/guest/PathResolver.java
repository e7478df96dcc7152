package io.calco.guest;

import io.calco.fs.FileType;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Turns any path of a guest into a canonical one, following symbolic links inside the guest: `..`
/// of the root is the root, and a link to `/x` means the guest's `/x`.
final class PathResolver {
  private static final int MAX_LINKS = 40; // Linux' MAXSYMLINKS
  private static final int MAX_NAMES = 4096; // ours: names still to walk, grown by links

  /// What lies at canonical paths.
  interface Names {
    /// The kind of file there, links not followed.
    Optional<FileType> type(String canonical) throws IOException;

    /// The link's target.
    String link(String canonical) throws IOException;
  }

  /// What to do with a symbolic link that is the last name.
  enum LastName {
    FOLLOW,
    KEEP
  }

  private PathResolver() {}

  /// The canonical path of something that is there, or nothing: a name is missing, a directory is
  /// none, or links go in circles.
  static Optional<String> resolve(Names names, String path, LastName last) throws IOException {
    Deque<String> todo = new ArrayDeque<>(parts(path));
    String at = "/";
    FileType type = FileType.DIRECTORY;
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.pop();
      if (type != FileType.DIRECTORY) {
        return Optional.empty();
      }
      if (name.equals("..")) {
        at = parent(at);
        continue;
      }
      String next = join(at, name);
      Optional<FileType> found = names.type(next);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      if (found.get() == FileType.SYMBOLIC_LINK && (last == LastName.FOLLOW || !todo.isEmpty())) {
        String target = names.link(next);
        List<String> more = parts(target);
        if (++links > MAX_LINKS || todo.size() + more.size() > MAX_NAMES) {
          return Optional.empty();
        }
        more.reversed().forEach(todo::push);
        at = target.startsWith("/") ? "/" : at;
      } else {
        at = next;
        type = found.get();
      }
    }
    return Optional.of(at);
  }

  /// The names of a path, `.` and empty ones left out.
  static List<String> parts(String path) {
    return java.util.Arrays.stream(path.split("/"))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }

  static String join(String directory, String name) {
    return directory.equals("/") ? "/" + name : directory + "/" + name;
  }

  static String parent(String canonical) {
    int slash = canonical.lastIndexOf('/');
    return slash <= 0 ? "/" : canonical.substring(0, slash);
  }

  static String lastName(String canonical) {
    return canonical.substring(canonical.lastIndexOf('/') + 1);
  }
}
