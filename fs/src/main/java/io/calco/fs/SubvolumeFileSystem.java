package io.calco.fs;

import java.io.IOException;
import java.util.List;

/// A file system that holds several trees of files, one of which it shows as its root.
public interface SubvolumeFileSystem extends FileSystem {

  /// All of them that can be reached by a path, by number; the top level is one.
  List<Subvolume> subvolumes() throws IOException;

  /// The number of the one whose root is this file system's root.
  long shownSubvolume();

  /// The same file system with another one's root as its root, for reading.
  ///
  /// @param id of one of [#subvolumes]
  /// @return lives no longer than this file system; closing it leaves this one open
  /// @throws java.nio.file.NoSuchFileException when there is no such subvolume
  FileSystem openSubvolume(long id) throws IOException;

  /// One of the trees.
  ///
  /// @param id its number in the file system
  /// @param path from the top level, `/` for the top level itself
  /// @param readOnly nothing may be changed in it, as in snapshots that are kept
  record Subvolume(long id, String path, boolean readOnly) {}
}
