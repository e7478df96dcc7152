package io.calco.store.backend;

import io.calco.disk.BesideFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.sys.FileNames;
import io.calco.sys.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// Objects as files under a directory, named as they are. A file is written beside its name, synced
/// and renamed; then its directory is synced.
public final class LocalDirectory implements Backend {
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
    Path directory = root.resolve(ObjectNames.checkPrefix(prefix));
    List<StoredObject> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      listInto(directory, prefix, found);
    }
    return found;
  }

  private static void listInto(Path directory, String prefix, List<StoredObject> found)
      throws IOException {
    List<Path> names;
    try (Stream<Path> entries = Files.list(directory)) {
      names = entries.toList();
    } catch (NoSuchFileException | UncheckedIOException gone) {
      if (!Files.exists(directory)) {
        return;
      }
      throw gone;
    }
    for (Path path : names) {
      String name = prefix + path.getFileName();
      if (!ObjectNames.isName(name)) {
        continue;
      }
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        listInto(path, name + "/", found);
      } else {
        addFile(path, name, found);
      }
    }
  }

  private static void addFile(Path path, String name, List<StoredObject> found) throws IOException {
    try {
      found.add(new StoredObject(name, Files.size(path)));
    } catch (NoSuchFileException deletedMeanwhile) {
      // As if it had been deleted before the listing.
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = path(name);
    if (Files.deleteIfExists(path)) {
      FileNames.sync(directoryOf(path));
    }
  }

  /// Syncs each directory once.
  @Override
  public void deleteAll(Collection<String> names) throws IOException {
    Set<Path> changed = new HashSet<>();
    for (String name : names) {
      Path path = path(name);
      if (Files.deleteIfExists(path)) {
        changed.add(directoryOf(path));
      }
    }
    for (Path directory : changed) {
      FileNames.sync(directory);
    }
  }

  @Override
  public void sweep() throws IOException {
    sweep(root);
  }

  private static void sweep(Path directory) throws IOException {
    BesideFile.sweep(directory);
    List<Path> below;
    try (Stream<Path> entries = Files.list(directory)) {
      below = entries.filter(at -> Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)).toList();
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
