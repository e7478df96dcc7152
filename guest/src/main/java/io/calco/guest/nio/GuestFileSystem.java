package io.calco.guest.nio;

import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.GuestTree;
import io.calco.guest.account.AccountNames;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// A guest's files. All access to the tree, which is not safe for threads, goes through here.
final class GuestFileSystem extends FileSystem {
  private static final int MAX_DEPTH = 200; // ours: as GuestTree's walk

  private final GuestFileSystemProvider provider;
  private final GuestTree tree;
  private final Optional<Path> disk;
  private final Closeable below;
  private final AccountNames names;
  private boolean open = true;

  /// @param disk the image file, when there is one
  /// @param below what is closed with this
  GuestFileSystem(
      GuestFileSystemProvider provider, GuestTree tree, Optional<Path> disk, Closeable below)
      throws IOException {
    this.provider = provider;
    this.tree = tree;
    this.disk = disk;
    this.below = below;
    this.names = AccountNames.of(tree);
  }

  private GuestTree tree() {
    if (!open) {
      throw new ClosedFileSystemException();
    }
    return tree;
  }

  /// The image file; empty for a tree that its user opened.
  Optional<Path> disk() {
    return disk;
  }

  /// The canonical path of a file that is there.
  synchronized String canonical(GuestPath path, LinkOption... options) throws IOException {
    Optional<String> found = tree().realPath(path.inGuest());
    if (Set.of(options).contains(LinkOption.NOFOLLOW_LINKS)) {
      found = tree().canonicalPath(path.inGuest());
    }
    return found.orElseThrow(() -> new NoSuchFileException(path.toString()));
  }

  synchronized GuestFileAttributes attributes(GuestPath path, LinkOption... options)
      throws IOException {
    String canonical = canonical(path, options);
    FileStatus status =
        tree().find(canonical).orElseThrow(() -> new NoSuchFileException(path.toString()));
    int mount = List.copyOf(tree.mounts().keySet()).indexOf(tree.mountPoint(canonical));
    return new GuestFileAttributes(status, mount, names);
  }

  /// The names in a directory.
  synchronized List<String> list(GuestPath path) throws IOException {
    String canonical = canonical(path);
    if (!tree().isDirectory(canonical)) {
      throw new NotDirectoryException(path.toString());
    }
    if (canonical.chars().filter(c -> c == '/').count() > MAX_DEPTH) {
      throw new FileSystemException(
          path.toString(), null, "directories hold each other more than 200 deep (our limit)");
    }
    List<String> children = new ArrayList<>();
    for (DirectoryEntry entry : tree().list(canonical)) {
      children.add(entry.name());
    }
    return children;
  }

  synchronized String readLink(GuestPath path) throws IOException {
    String canonical = canonical(path, LinkOption.NOFOLLOW_LINKS);
    return tree().readLink(canonical).orElseThrow(() -> new NotLinkException(path.toString()));
  }

  /// The canonical path of a regular file.
  synchronized String regular(GuestPath path) throws IOException {
    String canonical = canonical(path);
    FileType type = tree().find(canonical).map(FileStatus::type).orElse(FileType.UNKNOWN);
    if (type != FileType.REGULAR) {
      throw new FileSystemException(
          path.toString(),
          null,
          type == FileType.DIRECTORY ? "is a directory" : "is no regular file");
    }
    return canonical;
  }

  synchronized int read(String canonical, long offset, MemorySegment dst) throws IOException {
    return tree().read(canonical, offset, dst);
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public synchronized void close() throws IOException {
    if (open) {
      open = false;
      provider.forget(this);
      below.close();
    }
  }

  @Override
  public synchronized boolean isOpen() {
    return open;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public synchronized Iterable<FileStore> getFileStores() {
    return tree().mounts().values().stream()
        .map(volume -> (FileStore) new GuestFileStore(volume))
        .toList();
  }

  synchronized FileStore store(GuestPath path) throws IOException {
    String mount = tree().mountPoint(canonical(path));
    return new GuestFileStore(java.util.Objects.requireNonNull(tree.mounts().get(mount)));
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic", "owner", "posix", "unix");
  }

  @Override
  public Path getPath(String first, String... more) {
    StringBuilder path = new StringBuilder(first);
    for (String part : more) {
      if (!part.isEmpty()) {
        path.append(path.isEmpty() ? "" : "/").append(part);
      }
    }
    return GuestPath.parse(this, path.toString());
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    int colon = syntaxAndPattern.indexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("no syntax:pattern: " + syntaxAndPattern);
    }
    String pattern = syntaxAndPattern.substring(colon + 1);
    String regex =
        switch (syntaxAndPattern.substring(0, colon).toLowerCase(java.util.Locale.ROOT)) {
          case "glob" -> Glob.toRegex(pattern);
          case "regex" -> pattern;
          default -> throw new UnsupportedOperationException("syntax of " + syntaxAndPattern);
        };
    Predicate<String> matches = Pattern.compile(regex, Pattern.DOTALL).asMatchPredicate();
    return path -> matches.test(path.toString());
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException("looking up a guest's users");
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("watching a guest's files");
  }
}
