package io.calco.guest.nio;

import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A path in a guest, with the rules of Unix. A value: the file need not be there.
final class GuestPath implements Path {
  private final GuestFileSystem files;
  private final boolean absolute;
  private final List<String> names;

  /// @param names none only for the root; the empty path has one empty name
  private GuestPath(GuestFileSystem files, boolean absolute, List<String> names) {
    this.files = files;
    this.absolute = absolute;
    this.names = names.isEmpty() && !absolute ? List.of("") : List.copyOf(names);
  }

  static GuestPath parse(GuestFileSystem files, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidPathException(text, "a zero in a path");
    }
    List<String> names =
        Arrays.stream(text.split("/", -1)).filter(name -> !name.isEmpty()).toList();
    return new GuestPath(files, text.startsWith("/"), names);
  }

  static GuestPath of(Path path) {
    if (Objects.requireNonNull(path) instanceof GuestPath guest) {
      return guest;
    }
    throw new ProviderMismatchException();
  }

  private GuestPath path(boolean fromRoot, List<String> parts) {
    return new GuestPath(files, fromRoot, parts);
  }

  private boolean isEmpty() {
    return !absolute && names.equals(List.of(""));
  }

  /// The path as the guest understands it: relative ones begin at the root.
  String inGuest() {
    return "/" + String.join("/", names);
  }

  /// The same path with another name at its end.
  GuestPath child(String name) {
    List<String> longer = new ArrayList<>(isEmpty() ? List.of() : names);
    longer.add(name);
    return path(absolute, longer);
  }

  @Override
  public GuestFileSystem getFileSystem() {
    return files;
  }

  @Override
  public boolean isAbsolute() {
    return absolute;
  }

  @Override
  public @Nullable Path getRoot() {
    return absolute ? path(true, List.of()) : null;
  }

  @Override
  public @Nullable Path getFileName() {
    return names.isEmpty() ? null : path(false, List.of(names.getLast()));
  }

  @Override
  public @Nullable Path getParent() {
    if (names.size() > 1) {
      return path(absolute, names.subList(0, names.size() - 1));
    }
    return names.isEmpty() ? null : getRoot();
  }

  @Override
  public int getNameCount() {
    return names.size();
  }

  @Override
  public Path getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public Path subpath(int from, int to) {
    if (from < 0 || to > names.size() || from >= to) {
      throw new IllegalArgumentException("names %d to %d of %s".formatted(from, to, this));
    }
    return path(false, names.subList(from, to));
  }

  private boolean isOfSameKind(Path other) {
    return other instanceof GuestPath that && that.files == files && that.absolute == absolute;
  }

  @Override
  public boolean startsWith(Path other) {
    if (!isOfSameKind(other) || isEmpty() != of(other).isEmpty()) {
      return false;
    }
    List<String> start = of(other).names;
    return start.size() <= names.size() && names.subList(0, start.size()).equals(start);
  }

  @Override
  public boolean endsWith(Path other) {
    if (!(other instanceof GuestPath that) || that.files != files) {
      return false;
    }
    int start = names.size() - that.names.size();
    if (that.absolute) {
      return absolute && names.equals(that.names);
    }
    return isEmpty() == that.isEmpty()
        && start >= 0
        && names.subList(start, names.size()).equals(that.names);
  }

  @Override
  public Path normalize() {
    List<String> kept = new ArrayList<>();
    for (String name : names) {
      if (name.equals("..") && !kept.isEmpty() && !kept.getLast().equals("..")) {
        kept.removeLast();
      } else if (!name.equals(".") && !(name.equals("..") && absolute)) {
        kept.add(name);
      }
    }
    return path(absolute, kept);
  }

  @Override
  public Path resolve(Path other) {
    GuestPath that = of(other);
    if (that.absolute || isEmpty()) {
      return that;
    }
    if (that.isEmpty()) {
      return this;
    }
    List<String> longer = new ArrayList<>(names);
    longer.addAll(that.names);
    return path(absolute, longer);
  }

  @Override
  public Path relativize(Path other) {
    GuestPath that = of(other);
    if (that.absolute != absolute) {
      throw new IllegalArgumentException("one of the two paths is absolute");
    }
    if (equals(that)) {
      return path(false, List.of());
    }
    if (isEmpty()) {
      return that;
    }
    GuestPath from = of(normalize());
    GuestPath to = of(that.normalize());
    List<String> one = from.isEmpty() ? List.of() : from.names;
    List<String> two = to.isEmpty() ? List.of() : to.names;
    int common = 0;
    while (common < Math.min(one.size(), two.size()) && one.get(common).equals(two.get(common))) {
      common++;
    }
    List<String> way = new ArrayList<>();
    for (String name : one.subList(common, one.size())) {
      if (name.equals("..")) {
        throw new IllegalArgumentException("the way from %s is not known".formatted(this));
      }
      way.add("..");
    }
    way.addAll(two.subList(common, two.size()));
    return path(false, way);
  }

  @Override
  public URI toUri() {
    return GuestUri.of(files, inGuest());
  }

  @Override
  public Path toAbsolutePath() {
    return absolute ? this : path(true, isEmpty() ? List.of() : names);
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return parse(files, files.canonical(this, options));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("watching a guest's files");
  }

  @Override
  public int compareTo(Path other) {
    return toString().compareTo(of(other).toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GuestPath that
        && that.files == files
        && that.absolute == absolute
        && that.names.equals(names);
  }

  @Override
  public int hashCode() {
    return names.hashCode() * 31 + Boolean.hashCode(absolute);
  }

  @Override
  public String toString() {
    return (absolute ? "/" : "") + String.join("/", names);
  }
}
