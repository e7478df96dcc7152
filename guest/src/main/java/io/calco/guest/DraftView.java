package io.calco.guest;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.PathResolver.LastName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// A guest's tree as it will be: what a [Draft] plans, over what is there. All paths but those of
/// [#resolve] are canonical in it.
final class DraftView {
  private final GuestTree tree;
  private final Map<String, Planned> planned = new HashMap<>();

  /// The paths of what is planned to be there, for finding all that lie below one.
  private final NavigableSet<String> made = new TreeSet<>();

  private final PathResolver.Names names =
      new PathResolver.Names() {
        @Override
        public Optional<FileType> type(String canonical) throws IOException {
          return DraftView.this.type(canonical);
        }

        @Override
        public String link(String canonical) throws IOException {
          return planned.get(canonical) instanceof Link(String target)
              ? target
              : tree.readLink(canonical).orElseThrow();
        }
      };

  /// What a path will hold.
  sealed interface Planned {}

  record Gone() implements Planned {}

  record File(Content content, FileAttributes attributes) implements Planned {}

  record Directory(FileAttributes attributes) implements Planned {}

  record Link(String target) implements Planned {}

  DraftView(GuestTree tree) {
    this.tree = tree;
  }

  /// Plans what a path will hold.
  void plan(String path, Planned state) {
    planned.put(path, state);
    if (state instanceof Gone) {
      made.remove(path);
    } else {
      made.add(path);
    }
  }

  /// How many paths are planned.
  int size() {
    return planned.size();
  }

  boolean isPlanned(String path) {
    return planned.containsKey(path);
  }

  boolean isGone(String path) {
    return planned.get(path) instanceof Gone;
  }

  Optional<String> resolve(String path, LastName last) throws IOException {
    return PathResolver.resolve(names, path, last);
  }

  Optional<FileType> type(String path) throws IOException {
    return switch (planned.get(path)) {
      case Gone _ -> Optional.empty();
      case File _ -> Optional.of(FileType.REGULAR);
      case Directory _ -> Optional.of(FileType.DIRECTORY);
      case Link _ -> Optional.of(FileType.SYMBOLIC_LINK);
      case null -> isGoneAbove(path) ? Optional.empty() : tree.status(path).map(FileStatus::type);
    };
  }

  boolean is(FileType type, String path) throws IOException {
    return type(path).equals(Optional.of(type));
  }

  private boolean isGoneAbove(String path) {
    String at = path;
    while (!at.equals("/")) {
      at = PathResolver.parent(at);
      if (isGone(at)) {
        return true;
      }
    }
    return false;
  }

  /// What a link will say.
  String link(String path) throws IOException {
    return names.link(path);
  }

  /// The text of a regular file.
  Optional<String> text(String path) throws IOException {
    return switch (planned.get(path)) {
      case File(Content content, _) -> Optional.of(content.text());
      case Directory _, Gone _, Link _ -> Optional.empty();
      case null -> tree.readText(path);
    };
  }

  /// The attributes of a regular file or directory.
  Optional<FileAttributes> attributes(String path) throws IOException {
    return switch (planned.get(path)) {
      case File(_, FileAttributes attributes) -> Optional.of(attributes);
      case Directory(FileAttributes attributes) -> Optional.of(attributes);
      case Gone _, Link _ -> Optional.empty();
      case null -> tree.status(path).map(FileAttributes::of);
    };
  }

  /// Bytes in a regular file.
  long fileSize(String path) throws IOException {
    return planned.get(path) instanceof File(Content content, _)
        ? content.size()
        : tree.status(path).map(FileStatus::size).orElse(0L);
  }

  /// True when a regular file will have this content, owner and mode as it is.
  boolean holds(String path, Content content, FileAttributes wanted) throws IOException {
    FileAttributes there = attributes(path).orElseThrow();
    if (fileSize(path) != content.size()
        || there.permissions() != wanted.permissions()
        || there.uid() != wanted.uid()
        || there.gid() != wanted.gid()) {
      return false;
    }
    return planned.get(path) instanceof File(Content same, _)
        ? same.equals(content)
        : tree.readBytes(path, content.size()).map(Content::of).equals(Optional.of(content));
  }

  /// True when the tree has a directory there now, not a link to one.
  boolean isDirectoryNow(String path) throws IOException {
    return tree.status(path).filter(s -> s.type() == FileType.DIRECTORY).isPresent();
  }

  /// All that is or will be below a directory, what a directory holds before itself; some of it may
  /// be gone.
  List<String> below(String directory) throws IOException {
    List<String> below = new ArrayList<>(madeBelow(directory));
    if (isDirectoryNow(directory)) {
      tree.walk(directory, (child, _) -> Draft.collect(below, child));
    }
    return below.stream().distinct().sorted(Comparator.reverseOrder()).toList();
  }

  /// True when a directory will not be empty.
  boolean holdsSomething(String directory) throws IOException {
    if (isDirectoryNow(directory)) {
      for (var entry : tree.list(directory)) {
        if (!isGone(PathResolver.join(directory, entry.name()))) {
          return true;
        }
      }
    }
    return !madeBelow(directory).isEmpty();
  }

  /// The paths that begin with the directory and a slash: the next character after that is `0`.
  private NavigableSet<String> madeBelow(String directory) {
    return made.subSet(directory + "/", false, directory + "0", false);
  }
}
