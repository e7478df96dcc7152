package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.LocalFile;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// The plain files of an image directory, by name. What a text in one of them names is looked up
/// here and nowhere else, so that no name leads outside; links are not followed.
///
/// A value of the moment when it was listed. Thread rule: safe.
final class ImageDirectory {
  /// Ours: a terabyte cut into pieces of 100 MB has 10,000.
  private static final int FILES_MAX = 65_536;

  /// Ours; the longest texts are dumps of tables of 128 partitions, 30 KiB.
  private static final int TEXT_MAX = 1 << 20;

  /// Ours: as many lines as files, of the longest names and sums.
  private static final int LIST_MAX = 32 << 20;

  private final Path path;
  private final TreeSet<String> files = new TreeSet<>();
  private final TreeSet<String> links = new TreeSet<>();

  private ImageDirectory(Path path) {
    this.path = path;
  }

  /// Lists a directory.
  static ImageDirectory list(Path path) throws IOException {
    ImageDirectory listed = new ImageDirectory(path);
    int seen = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        if (++seen > FILES_MAX) {
          throw new LimitExceededException(
              "%s: more than %d files (our limit)".formatted(path, FILES_MAX));
        }
        String name = entry.getFileName().toString();
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          listed.files.add(name);
        } else if (Files.isSymbolicLink(entry)) {
          listed.links.add(name);
        }
      }
    }
    return listed;
  }

  /// Where it is, as the user named it.
  Path path() {
    return path;
  }

  /// A file in it, for messages.
  String nameOf(String file) {
    return path.resolve(OpenPolicy.printable(file)).toString();
  }

  /// The names of all plain files, sorted.
  SortedSet<String> files() {
    return java.util.Collections.unmodifiableSortedSet(files);
  }

  /// The plain files whose names begin so, sorted.
  SortedSet<String> filesFrom(String start) {
    return files.subSet(start, start + Character.MAX_VALUE);
  }

  /// True when a plain file has that name.
  boolean has(String file) {
    return files.contains(file);
  }

  /// The length of a file in bytes.
  long size(String file) throws IOException {
    return Files.size(checked(file));
  }

  /// A file that is there.
  ///
  /// @throws UnsupportedFeatureException when it is a link
  /// @throws NoSuchFileException when it is not there
  private Path checked(String file) throws IOException {
    if (links.contains(file)) {
      throw new UnsupportedFeatureException(
          nameOf(file) + ": is a link, which is not followed; copy the file itself to its place");
    }
    if (!files.contains(file)) {
      throw new NoSuchFileException(nameOf(file), null, "is missing from the Clonezilla image");
    }
    Path found = path.resolve(file);
    if (!Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS)) {
      throw new UnsupportedFeatureException(nameOf(file) + ": is no plain file any more");
    }
    return found;
  }

  /// Opens a file for reading.
  HostFile open(String file) throws IOException {
    return LocalFile.open(checked(file), false);
  }

  /// A small file's bytes.
  ///
  /// @param most in bytes
  /// @throws CorruptImageException when it is larger
  byte[] bytes(String file, int most) throws IOException {
    try (HostFile open = open(file)) {
      long size = open.size();
      if (size > most) {
        throw new CorruptImageException(
            "%s: has %d bytes, expected at most %d".formatted(nameOf(file), size, most));
      }
      byte[] bytes = new byte[(int) size];
      open.read(0, MemorySegment.ofArray(bytes));
      return bytes;
    }
  }

  /// The last bytes of a file.
  ///
  /// @param most in bytes
  String end(String file, int most) throws IOException {
    try (HostFile open = open(file)) {
      byte[] bytes = new byte[(int) Math.min(open.size(), most)];
      open.read(open.size() - bytes.length, MemorySegment.ofArray(bytes));
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /// The lines of a text; empty when there is no such file.
  Optional<List<String>> lines(String file) throws IOException {
    if (!files.contains(file) && !links.contains(file)) {
      return Optional.empty();
    }
    String text = new String(bytes(file, TEXT_MAX), StandardCharsets.UTF_8);
    return Optional.of(text.lines().toList());
  }

  /// The lines of a list with a line for each file.
  List<String> longLines(String file) throws IOException {
    return new String(bytes(file, LIST_MAX), StandardCharsets.UTF_8).lines().toList();
  }

  /// The words of a text, in order; none when there is no such file.
  List<String> words(String file) throws IOException {
    return lines(file).orElse(List.of()).stream()
        .flatMap(line -> List.of(line.trim().split("\\s+")).stream())
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
