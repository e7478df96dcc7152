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

  /// The least size to which [#shrunk] brings the file system on `disk`, within what a search of
  /// some steps finds; never writes.
  ///
  /// @return in bytes, at most its present size
  /// @throws UnsupportedFeatureException when it is not shrunk
  default long leastSize(Disk disk) throws IOException {
    throw new UnsupportedFeatureException(name() + " file system: Calco does not shrink it");
  }

  /// The file system on `disk` as it would be on fewer bytes; never writes. What changes of its
  /// metadata is kept in memory.
  ///
  /// @param size the most that it may have, in bytes
  /// @return of the size that it then has, for reading; lives no longer than `disk`, and leaves it
  ///   open; the same bytes each time
  /// @throws io.calco.disk.LimitExceededException when what is in it does not fit
  /// @throws UnsupportedFeatureException when it is not shrunk
  default Disk shrunk(Disk disk, long size) throws IOException {
    throw new UnsupportedFeatureException(name() + " file system: Calco does not shrink it");
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
