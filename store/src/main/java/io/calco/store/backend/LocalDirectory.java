package io.calco.store.backend;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.calco.disk.BesideFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.disk.ThreadEnd;
import io.calco.sys.FileNames;
import io.calco.sys.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// Objects as files under a directory, named as they are. A file is written beside its name, synced
/// and renamed; then its directory is synced.
public final class LocalDirectory implements Backend {
  /// How much of a stream is read at a time.
  private static final int PIECE = 256 << 10;

  /// Files deleted at a time: to free their blocks waits for the disk, or for another machine.
  private static final int SIDE_BY_SIDE = 4;

  /// Fewer than this are not worth another thread.
  private static final int SHARE_LEAST = 8;

  private final Path root;
  private final RateLimit rate;

  private LocalDirectory(Path root, RateLimit rate) {
    this.root = root;
    this.rate = rate;
  }

  /// The objects under a directory that exists.
  ///
  /// @throws NotDirectoryException when it is something else
  public static LocalDirectory open(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw Files.exists(root)
          ? new NotDirectoryException(root.toString())
          : new NoSuchFileException(root.toString());
    }
    return new LocalDirectory(root, RateLimit.of(OptionalLong.empty()));
  }

  /// As [#open], of a directory that is made, with those above it, when it is not there.
  public static LocalDirectory create(Path root) throws IOException {
    makeDirectories(root.toAbsolutePath().normalize());
    return open(root);
  }

  /// The same, where no more may pass: the directory may lie on another machine, or on a disk that
  /// others need too.
  ///
  /// @param limit of both directions together
  public LocalDirectory withRate(RateLimit limit) {
    return new LocalDirectory(root, limit);
  }

  /// Makes a directory and those above it, each one's name on the medium.
  private static void makeDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      makeDirectories(parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    if (parent != null) {
      FileNames.sync(parent);
    }
  }

  @Override
  public String place() {
    return root.toString();
  }

  private Path path(String name) {
    return root.resolve(ObjectNames.check(name));
  }

  private static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    Path target = path(name);
    makeDirectories(directoryOf(target));
    try (BesideFile part = BesideFile.of(target)) {
      try (OpenFile file = OpenFile.open(part.path(), OpenFile.Access.CREATE)) {
        long at = 0;
        for (MemorySegment bytes : content) {
          rate.pass(bytes.byteSize());
          file.write(at, bytes);
          at += bytes.byteSize();
        }
      }
      part.publishReplacing();
    }
  }

  /// Takes in an object that comes as a stream, beside its name; nobody sees it before it is
  /// published. The caller closes it.
  ///
  /// @param length how many bytes are read; the stream is not closed
  /// @throws EOFException when fewer come; nothing is left of it then
  public IncomingObject receive(String name, InputStream content, long length) throws IOException {
    Path target = path(name);
    makeDirectories(directoryOf(target));
    BesideFile part = BesideFile.of(target);
    try {
      try (OpenFile file = OpenFile.open(part.path(), OpenFile.Access.CREATE)) {
        write(file, name, content, length);
      }
      return new IncomingObject(part, target);
    } catch (IOException | RuntimeException e) {
      try (part) {
        throw e;
      }
    }
  }

  private void write(OpenFile file, String name, InputStream content, long length)
      throws IOException {
    byte[] piece = new byte[Math.clamp(length, 1, PIECE)];
    for (long at = 0; at < length; ) {
      int wanted = (int) Math.min(piece.length, length - at);
      int read = content.readNBytes(piece, 0, wanted);
      if (read < wanted) {
        throw new EOFException("%s: %d bytes came of %d".formatted(path(name), at + read, length));
      }
      rate.pass(read);
      file.write(at, MemorySegment.ofArray(piece).asSlice(0, read));
      at += read;
    }
  }

  /// Opens an object: it stays as one put left it for as long as it is open, whatever is put or
  /// deleted meanwhile. The caller closes it.
  ///
  /// @throws NoSuchFileException when there is no such object
  public OpenFile openObject(String name) throws IOException {
    if (!Files.isRegularFile(path(name))) {
      throw new NoSuchFileException(path(name).toString());
    }
    return OpenFile.open(path(name), OpenFile.Access.READ);
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    try (OpenFile file = OpenFile.open(path(name), OpenFile.Access.READ)) {
      long size = file.size();
      if (size > max) {
        throw new LimitExceededException(
            "%s: %d bytes; at most %d are read of such an object".formatted(path(name), size, max));
      }
      rate.pass(size);
      byte[] content = new byte[(int) size];
      if (file.read(0, MemorySegment.ofArray(content)) < size) {
        throw new EOFException("%s: became shorter while it was read".formatted(path(name)));
      }
      return content;
    }
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    try (OpenFile file = OpenFile.open(path(name), OpenFile.Access.READ)) {
      rate.pass(dst.byteSize());
      long read = file.read(offset, dst);
      if (read < dst.byteSize()) {
        throw new EOFException(
            "%s: ends at byte %d, expected %d bytes at %d"
                .formatted(path(name), offset + read, dst.byteSize(), offset));
      }
    }
  }

  @Override
  public long size(String name) throws IOException {
    return Files.size(path(name));
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    return page(prefix, "", Integer.MAX_VALUE);
  }

  /// Some of the objects whose names begin with a prefix, in the order of their names, which goes
  /// part by part: `a/b` comes before `a-b`. Reads no directory that lies before them or behind.
  ///
  /// @param prefix as for [#list]
  /// @param after a name: no object up to it is told; empty to begin at the first
  /// @param most how many at most, 1 or more
  public List<StoredObject> page(String prefix, String after, int most) throws IOException {
    ObjectNames.checkPrefix(prefix);
    if (!after.isEmpty()) {
      ObjectNames.check(after);
    }
    Page page = new Page(after, most);
    Path directory = root.resolve(prefix);
    if (Files.isDirectory(directory)) {
      page.add(directory, prefix);
    }
    return page.found;
  }

  /// A listing on its way.
  private static final class Page {
    private final String after;
    private final int most;
    private final List<StoredObject> found = new ArrayList<>();

    Page(String after, int most) {
      this.after = order(after);
      this.most = most;
    }

    /// A text that is ordered as the name is: nothing comes before the end of a part.
    private static String order(String name) {
      return name.replace('/', '\0');
    }

    private void add(Path directory, String prefix) throws IOException {
      List<String> names;
      try (Stream<Path> entries = Files.list(directory)) {
        names =
            entries
                .map(entry -> prefix + entry.getFileName())
                .filter(ObjectNames::isName)
                .filter(name -> order(name).compareTo(after) > 0 || isAbove(name))
                .sorted()
                .toList();
      } catch (NoSuchFileException | UncheckedIOException gone) {
        if (!Files.exists(directory)) {
          return;
        }
        throw gone;
      }
      for (String name : names) {
        if (found.size() == most) {
          return;
        }
        Path path = directory.resolve(name.substring(prefix.length()));
        try {
          add(path, name, Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS));
        } catch (NoSuchFileException deletedMeanwhile) {
          // As if it had been deleted before the listing.
        }
      }
    }

    private void add(Path path, String name, BasicFileAttributes facts) throws IOException {
      if (facts.isDirectory()) {
        add(path, name + "/");
      } else if (!isAbove(name)) {
        long size = facts.isSymbolicLink() ? Files.size(path) : facts.size();
        found.add(new StoredObject(name, size));
      }
    }

    /// Whether it is the name before which nothing is told, or a directory that leads to it.
    private boolean isAbove(String name) {
      return after.equals(order(name)) || after.startsWith(order(name + "/"));
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = path(name);
    if (Files.deleteIfExists(path)) {
      FileNames.sync(directoryOf(path));
    }
  }

  /// Several at a time; syncs each directory once, when all are gone.
  @Override
  public void deleteAll(Collection<String> names) throws IOException {
    List<Path> paths = names.stream().map(this::path).toList();
    Set<Path> changed = ConcurrentHashMap.newKeySet();
    sideBySide(
        paths,
        path -> {
          if (Files.deleteIfExists(path)) {
            changed.add(directoryOf(path));
          }
        });
    sideBySide(List.copyOf(changed), FileNames::sync);
  }

  /// What is done with a path.
  private interface Step {
    void run(Path path) throws IOException;
  }

  private static void sideBySide(List<Path> paths, Step step) throws IOException {
    int count = Math.clamp(paths.size() / SHARE_LEAST, 1, SIDE_BY_SIDE);
    List<Future<?>> shares = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (int share = 0; share < count; share++) {
        int first = share;
        shares.add(
            threads.submit(() -> {
              for (int i = first; i < paths.size(); i += count) {
                step.run(paths.get(i));
              }
              return null;
            }));
      }
      for (Future<?> share : shares) {
        ThreadEnd.result(share);
      }
    }
  }

  @Override
  public boolean isElsewhere() {
    return false;
  }

  @Override
  public void sweep() throws IOException {
    sweep(root);
  }

  private static void sweep(Path directory) throws IOException {
    BesideFile.sweep(directory);
    List<Path> below;
    try (Stream<Path> entries = Files.list(directory)) {
      below = entries.filter(at -> Files.isDirectory(at, NOFOLLOW_LINKS)).toList();
    }
    for (Path at : below) {
      if (ObjectNames.isName(at.getFileName().toString())) {
        sweep(at);
      }
    }
  }

  @Override
  public void close() {}
}
