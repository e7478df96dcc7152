package io.calco.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A kind of directory that holds disks, as backup programs leave them. Found by
/// [java.util.ServiceLoader], so that kinds can be added from outside. Stateless.
///
/// Such a disk is only read. [Image] opens it by the directory's name, a `#`, and the disk's own:
/// `backups/web1#sda`; the directory's name alone will do where there is one disk.
public interface DirectoryFormat {

  /// The name, for users: `clonezilla` …
  String name();

  /// True when the directory bears this kind's marks.
  boolean probe(Path directory);

  /// The guest's bytes of a disk.
  ///
  /// @param disk which one; empty where the directory should hold one
  /// @return of the disk's size, for reading only; its allocated size is what it takes in the
  ///   directory
  /// @throws UnsupportedFeatureException when there is no such disk, or several and none is named
  HostFile open(Path directory, Optional<String> disk) throws IOException;
}
