package io.calco.guest.nio;

import io.calco.disk.DiskException;
import io.calco.disk.ImageOptions;
import io.calco.guest.GuestRequestException;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The provider of the scheme `calco`, found by [java.util.ServiceLoader]; read-only.
///
/// `FileSystems.newFileSystem(URI.create("calco:/images/vm.qcow2"), Map.of())` opens an image that
/// is then known by its URI until it is closed; `Map.of("format", "raw")` states its format. Other
/// files than the image and what lies beside it are not followed: for that, see
/// [GuestFileSystems#open].
public final class GuestFileSystemProvider extends FileSystemProvider {
  private static final Set<OpenOption> READING =
      Set.of(
          StandardOpenOption.READ,
          StandardOpenOption.SPARSE,
          StandardOpenOption.SYNC,
          StandardOpenOption.DSYNC,
          LinkOption.NOFOLLOW_LINKS);

  private final Map<Path, GuestFileSystem> opened = new HashMap<>();

  /// For [java.util.ServiceLoader].
  public GuestFileSystemProvider() {}

  @Override
  public String getScheme() {
    return GuestUri.SCHEME;
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) throws IOException {
    Path disk = GuestUri.parse(uri).disk().toRealPath();
    synchronized (opened) {
      if (opened.containsKey(disk)) {
        throw new FileSystemAlreadyExistsException(disk.toString());
      }
      GuestFileSystem files = GuestFileSystems.open(this, disk, options(environment));
      opened.put(disk, files);
      return files;
    }
  }

  /// The files in an image; it is not known by its URI then.
  ///
  /// @throws UnsupportedOperationException when the file is no image with a file system in it
  @Override
  public FileSystem newFileSystem(Path disk, Map<String, ?> environment) throws IOException {
    try {
      return GuestFileSystems.open(this, disk, options(environment));
    } catch (DiskException | GuestRequestException e) {
      throw new UnsupportedOperationException(e);
    }
  }

  private static ImageOptions options(Map<String, ?> environment) {
    Object format = environment.get("format");
    ImageOptions options = ImageOptions.reading();
    return format == null ? options : options.withFormat(format.toString());
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return find(GuestUri.parse(uri));
  }

  private GuestFileSystem find(GuestUri uri) {
    Path disk = uri.disk();
    try {
      disk = disk.toRealPath();
    } catch (IOException gone) {
      disk = disk.normalize();
    }
    synchronized (opened) {
      GuestFileSystem files = opened.get(disk);
      if (files == null) {
        throw new FileSystemNotFoundException(disk.toString());
      }
      return files;
    }
  }

  @Override
  public Path getPath(URI uri) {
    GuestUri parsed = GuestUri.parse(uri);
    return find(parsed).getPath(parsed.path().orElse("/"));
  }

  void forget(GuestFileSystem files) {
    synchronized (opened) {
      opened.values().remove(files);
    }
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    for (OpenOption option : options) {
      if (!READING.contains(option)) {
        throw new ReadOnlyFileSystemException();
      }
    }
    GuestPath file = GuestPath.of(path);
    GuestFileSystem files = file.getFileSystem();
    if (options.contains(LinkOption.NOFOLLOW_LINKS)
        && files.attributes(file, LinkOption.NOFOLLOW_LINKS).isSymbolicLink()) {
      throw new java.nio.file.FileSystemException(path.toString(), null, "is a symbolic link");
    }
    return new GuestFileChannel(files, files.regular(file), files.attributes(file).size());
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    GuestPath directory = GuestPath.of(path);
    return new GuestDirectoryStream(directory, directory.getFileSystem().list(directory), filter);
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    GuestPath path = GuestPath.of(link);
    return path.getFileSystem().getPath(path.getFileSystem().readLink(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    Set<AccessMode> asked = EnumSet.noneOf(AccessMode.class);
    asked.addAll(Arrays.asList(modes));
    GuestPath file = GuestPath.of(path);
    GuestFileAttributes attributes = file.getFileSystem().attributes(file);
    boolean mayRun =
        attributes.isDirectory()
            || attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE)
            || attributes.permissions().contains(PosixFilePermission.GROUP_EXECUTE)
            || attributes.permissions().contains(PosixFilePermission.OTHERS_EXECUTE);
    if (asked.contains(AccessMode.WRITE) || asked.contains(AccessMode.EXECUTE) && !mayRun) {
      throw new AccessDeniedException(path.toString());
    }
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    GuestPath file = GuestPath.of(path);
    return type.cast(file.getFileSystem().attributes(file, options));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    GuestPath file = GuestPath.of(path);
    return file.getFileSystem().attributes(file, options).named(attributes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    boolean known =
        type == BasicFileAttributeView.class
            || type == FileOwnerAttributeView.class
            || type == PosixFileAttributeView.class;
    return known ? type.cast(new GuestAttributeView(GuestPath.of(path), type, options)) : null;
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    if (path.equals(other)) {
      return true;
    }
    if (!(other instanceof GuestPath two)) {
      return false;
    }
    GuestPath one = GuestPath.of(path);
    return one.getFileSystem() == two.getFileSystem()
        && one.getFileSystem()
            .attributes(one)
            .fileKey()
            .equals(two.getFileSystem().attributes(two).fileKey());
  }

  @Override
  public boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    GuestPath file = GuestPath.of(path);
    return file.getFileSystem().store(file);
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void createLink(Path link, Path existing) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void delete(Path path) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
    throw new ReadOnlyFileSystemException();
  }
}
