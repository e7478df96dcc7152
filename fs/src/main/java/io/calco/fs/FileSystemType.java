package io.calco.fs;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;

/// A family of file systems: found by [java.util.ServiceLoader]. Stateless.
public interface FileSystemType {

  /// The family's name, as in `blkid`: `ext`, `xfs`, `vfat` …
  String name();

  /// True when the disk begins with this family's own marks.
  boolean probe(Disk disk) throws IOException;

  /// How a file system of this family comes to fill a disk that has grown.
  enum Growth {
    /// Here, by [FileSystem#growToDisk].
    OFFLINE,
    /// By the guest's own kernel, while it is mounted.
    MOUNTED,
    /// Not at all, or by tools that are not Linux's.
    NONE
  }

  /// How it grows.
  default Growth growth() {
    return Growth.NONE;
  }

  /// Opens for reading; never writes. A journal that needs replay is replayed in memory, where the
  /// family can.
  ///
  /// @throws UnsupportedFeatureException when its files cannot be read; of some families they never
  ///   are, but [#openUsedBlocks] opens them
  FileSystem openReadOnly(Disk disk) throws IOException;

  /// Opens for writing; replays the journal first.
  ///
  /// @throws UnsupportedFeatureException when a feature is in use that cannot be written correctly,
  ///   before anything is written
  default FileSystem openWritable(Disk disk) throws IOException {
    throw new UnsupportedFeatureException(
        name() + " file system: Calco reads it, but does not write it");
  }

  /// Opens no more than is needed to tell what is in use; never writes.
  default UsedBlocks openUsedBlocks(Disk disk) throws IOException {
    return openReadOnly(disk);
  }
}
