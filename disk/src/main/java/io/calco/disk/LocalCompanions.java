package io.calco.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The companions of an image that lies in a local file.
///
/// @param image the image's own file
/// @param policy which files it may refer to
/// @param locked companions are locked as the image is
record LocalCompanions(Path image, OpenPolicy policy, boolean locked) implements Companions {
  private static final int NEIGHBOUR_LIMIT = 4096;

  @Override
  public String imageName() {
    return image.toAbsolutePath().normalize().getFileName().toString();
  }

  @Override
  public HostFile open(String kind, String reference, Access access) throws IOException {
    return open(policy.resolve(image, kind, reference), access, locked);
  }

  /// Opens a file that may be opened.
  static HostFile open(Path path, Access access, boolean locked) throws IOException {
    boolean writable = access == Access.WRITE;
    LocalFile file = LocalFile.open(path, writable);
    try {
      if (locked) {
        file.lock(writable ? ImageLock.WRITE : ImageLock.READ);
      }
      return file;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public HostFile create(String name) throws IOException {
    return NoCompanions.INSTANCE.create(name);
  }

  @Override
  public List<String> neighbours() throws IOException {
    List<String> names = new ArrayList<>();
    if (!policy.allowsOwnDirectory()) {
      return names;
    }
    Path directory = image.toAbsolutePath().resolveSibling("");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (names.size() == NEIGHBOUR_LIMIT) {
          break;
        }
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          names.add(file.getFileName().toString());
        }
      }
    }
    names.sort(null);
    return names;
  }
}
