package io.calco.engine.inside;

import io.calco.disk.Closing;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.LimitExceededException;
import io.calco.engine.GuestOptions;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.DiskVolume;
import io.calco.guest.EncryptedGuestException;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.account.AccountNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The files in a disk. Thread rule: confined to one thread.
public final class GuestFiles implements AutoCloseable {
  private static final int MAX_DEPTH = 200; // ours
  private static final long MAX_LISTED = 20_000_000; // ours: a tree may hold itself many times

  private final Path disk;
  private final Image image;
  private final GuestDisk guest;
  private final GuestTree tree;
  private final AccountNames names;
  private long listed;

  private GuestFiles(Path disk, Image image, GuestDisk guest, GuestTree tree) throws IOException {
    this.disk = disk;
    this.image = image;
    this.guest = guest;
    this.tree = tree;
    this.names = AccountNames.of(tree);
  }

  /// Takes files one by one.
  @FunctionalInterface
  public interface Visitor {
    /// One file.
    void visit(FileEntry file) throws IOException;
  }

  /// Opens for reading; never writes.
  ///
  /// @throws OperationException when there is no such volume, or no operating system whose tree
  ///   could be meant
  public static GuestFiles open(GuestPath place, GuestOptions options) throws IOException {
    return open(place, options, Access.READ);
  }

  static GuestFiles open(GuestPath place, GuestOptions options, Access access) throws IOException {
    return openOwning(
        Image.open(place.disk(), options.image().with(access)), place, options, access);
  }

  /// Opens for reading what lies in an image that is open, and is closed with the files; also when
  /// this fails.
  ///
  /// @param place where in it; its disk is a name for messages
  /// @param options for its volumes
  /// @throws OperationException as [#open]
  public static GuestFiles openOwning(Image image, GuestPath place, GuestOptions options)
      throws IOException {
    return openOwning(image, place, options, Access.READ);
  }

  private static GuestFiles openOwning(
      Image image, GuestPath place, GuestOptions options, Access access) throws IOException {
    try {
      GuestDisk guest =
          access == Access.READ
              ? GuestDisk.openReadOnly(image.disk(), options.keys())
              : GuestDisk.openWritable(image.disk(), options.keys());
      try {
        return new GuestFiles(place.disk(), image, guest, tree(place, guest));
      } catch (IOException | RuntimeException e) {
        Closing.after(e, guest);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image);
      throw e;
    }
  }

  private static GuestTree tree(GuestPath place, GuestDisk guest) {
    if (place.volume().isPresent()) {
      String name = place.volume().get();
      return guest.fileSystems().stream()
          .filter(volume -> isNamed(volume, name))
          .findFirst()
          .map(GuestTree::of)
          .orElseThrow(() -> nothingIn(place.disk(), name, guest));
    }
    List<GuestVolume> volumes = guest.fileSystems();
    if (guest.tree().isEmpty() && volumes.size() == 1) {
      return GuestTree.of(volumes.getFirst());
    }
    try {
      return guest.requireTree();
    } catch (EncryptedGuestException e) {
      throw OperationException.encrypted(place.disk(), e);
    } catch (GuestRequestException e) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          place.disk() + ": " + e.getMessage(),
          volumes.isEmpty()
              ? "see: calco inspect " + place.disk()
              : "name a volume: %s:%s:/"
                  .formatted(place.disk(), VolumeUse.name(volumes.getFirst())));
    }
  }

  private static OperationException nothingIn(Path disk, String name, GuestDisk guest) {
    Optional<DiskVolume> locked =
        guest.locked().stream().filter(volume -> volume.place().isNamed(name)).findFirst();
    if (locked.isPresent()) {
      return OperationException.encrypted(
          disk,
          new EncryptedGuestException(
              name + ": " + locked.get().unreadable().orElse("it is encrypted")));
    }
    return new OperationException(
        Kind.NOT_FOUND,
        "%s: %s holds no file system that can be read".formatted(disk, name),
        "see: calco guest df " + disk);
  }

  private static boolean isNamed(GuestVolume volume, String name) {
    return volume.devices().contains(name)
        || (volume.partitionNumber().isPresent()
            && name.equals("p" + volume.partitionNumber().getAsInt()));
  }

  GuestTree tree() {
    return tree;
  }

  Image image() {
    return image;
  }

  private OperationException absent(String path) {
    return new OperationException(
        Kind.NOT_FOUND, "%s: there is no %s in the guest".formatted(disk, path));
  }

  /// The file at `path`, a link at its end itself.
  ///
  /// @throws OperationException when there is none
  public FileEntry get(String path) throws IOException {
    return find(path).orElseThrow(() -> absent(path));
  }

  /// The file at `path`, a link at its end itself.
  Optional<FileEntry> find(String path) throws IOException {
    Optional<FileStatus> status = tree.find(path);
    return status.isPresent() ? Optional.of(entry(path, status.get())) : Optional.empty();
  }

  private FileEntry entry(String path, FileStatus status) throws IOException {
    return FileEntry.of(path, status, names, tree.readLink(path));
  }

  /// What is in the directory that `path` means, by name, or the file itself.
  ///
  /// @throws OperationException when there is none
  public List<FileEntry> list(String path) throws IOException {
    if (!tree.isDirectory(path)) {
      return List.of(get(path));
    }
    String real = tree.realPath(path).orElseThrow();
    List<FileEntry> entries = new ArrayList<>();
    List<DirectoryEntry> inside = tree.list(real);
    listed += inside.size();
    if (listed > MAX_LISTED) {
      throw new LimitExceededException(
          "%s: more than %d files in the guest (our limit)".formatted(disk, MAX_LISTED));
    }
    for (DirectoryEntry entry : inside) {
      find(join(real, entry.name())).ifPresent(entries::add);
    }
    entries.sort(Comparator.comparing(FileEntry::name));
    return entries;
  }

  /// Some of what is in a directory.
  ///
  /// @param path canonical
  /// @param all how many names there are
  /// @param entries directories before other files, each by name
  public record Part(String path, int all, List<FileEntry> entries) {
    /// Copies the list.
    public Part {
      entries = List.copyOf(entries);
    }
  }

  /// Some of what is in the directory that `path` means; looks at no more files than it tells of.
  ///
  /// @param from how many come before
  /// @param most how many at most
  /// @throws OperationException when there is no such directory
  public Part list(String path, int from, int most) throws IOException {
    String real = tree.realPath(path).orElseThrow(() -> absent(path));
    if (!tree.isDirectory(real)) {
      throw new OperationException(Kind.USAGE, "%s: %s is no directory".formatted(disk, path));
    }
    List<DirectoryEntry> inside = new ArrayList<>(tree.list(real));
    inside.sort(
        Comparator.comparing((DirectoryEntry entry) -> entry.type() != FileType.DIRECTORY)
            .thenComparing(DirectoryEntry::name));
    List<FileEntry> entries = new ArrayList<>();
    for (DirectoryEntry entry : inside.stream().skip(from).limit(most).toList()) {
      find(join(real, entry.name())).ifPresent(entries::add);
    }
    return new Part(real, inside.size(), entries);
  }

  static String join(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }

  /// The file or directory that `path` means, then all below it, each directory before its entries
  /// and those by name. Links are not followed.
  ///
  /// @throws OperationException when there is none
  public void walk(String path, Visitor visitor) throws IOException {
    String real = tree.realPath(path).orElseThrow(() -> absent(path));
    visit(get(real), visitor, 0);
  }

  private void visit(FileEntry file, Visitor visitor, int depth) throws IOException {
    visitor.visit(file);
    if (file.kind() != FileEntry.Kind.DIRECTORY) {
      return;
    }
    if (depth > MAX_DEPTH) {
      throw new OperationException(
          Kind.CORRUPT,
          "%s: directories hold each other more than %d deep (our limit)"
              .formatted(file.path(), MAX_DEPTH));
    }
    for (FileEntry child : list(file.path())) {
      visit(child, visitor, depth + 1);
    }
  }

  /// Copies the content of the regular file that `path` means.
  ///
  /// @throws OperationException when there is none
  public void cat(String path, OutputStream to) throws IOException {
    try (InputStream in = stream(path)) {
      byte[] buffer = new byte[1 << 18];
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        to.write(buffer, 0, read);
      }
    }
  }

  InputStream stream(String path) throws IOException {
    Optional<InputStream> file = tree.stream(path);
    if (file.isPresent()) {
      return file.get();
    }
    FileType type =
        tree.find(tree.realPath(path).orElseThrow(() -> absent(path))).orElseThrow().type();
    throw new OperationException(
        Kind.USAGE,
        "%s: %s in the guest is %s"
            .formatted(
                disk, path, type == FileType.DIRECTORY ? "a directory" : "not a regular file"));
  }

  @Override
  public void close() throws IOException {
    try (image) {
      guest.close();
    }
  }
}
