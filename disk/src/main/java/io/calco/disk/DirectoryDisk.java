package io.calco.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// A disk in a directory, as a user names it.
///
/// @param directory where it lies
/// @param disk which one; empty when none was named
record DirectoryDisk(Path directory, Optional<String> disk) {
  private static final char BEFORE_DISK = '#';
  private static final List<DirectoryFormat> ALL =
      ServiceLoader.load(DirectoryFormat.class, DirectoryFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  /// What a path names when it is a directory, or a directory and a disk in it. A file that is
  /// there is nothing but that file, whatever its name.
  static Optional<DirectoryDisk> find(Path path) {
    if (Files.isDirectory(path)) {
      return Optional.of(new DirectoryDisk(path, Optional.empty()));
    }
    String name = path.toString();
    int mark = name.lastIndexOf(BEFORE_DISK);
    if (mark < 1 || Files.exists(path)) {
      return Optional.empty();
    }
    Path directory = path.getFileSystem().getPath(name.substring(0, mark));
    return Files.isDirectory(directory)
        ? Optional.of(new DirectoryDisk(directory, Optional.of(name.substring(mark + 1))))
        : Optional.empty();
  }

  /// What the directory is; empty when it is of no kind that is known.
  Optional<DirectoryFormat> kind() {
    return ALL.stream().filter(kind -> kind.probe(directory)).findFirst();
  }

  /// Opens it for reading.
  ///
  /// @throws UnsupportedFeatureException when the directory is of no kind that is known, or more
  ///   than reading is wanted
  IdentifiedFile open(ImageOptions options) throws IOException {
    Optional<DirectoryFormat> kind = kind();
    if (kind.isEmpty()) {
      throw new UnsupportedFeatureException(directory + ": is a directory, not an image");
    }
    if (options.access().writes()) {
      throw new UnsupportedFeatureException(
          "%s: a %s directory is only read; convert it to another format to change what it holds"
              .formatted(directory, kind.get().name()));
    }
    ImageFormat raw = ImageFormats.get(options.format().orElse("raw"));
    HostFile file = kind.get().open(directory, disk.or(options::member));
    return new IdentifiedFile(file, file, raw, List.of(kind.get().name()));
  }
}
