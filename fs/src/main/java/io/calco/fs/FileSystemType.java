package io.calco.fs;

import io.calco.disk.Disk;
import java.io.IOException;

/// A family of file systems: found by [java.util.ServiceLoader]. Stateless.
public interface FileSystemType {

  /// The family's name, as in `blkid`: `ext`, `xfs`, `vfat` …
  String name();

  /// True when the disk begins with this family's own marks.
  boolean probe(Disk disk) throws IOException;

  /// Opens for reading; never writes. A journal that needs replay is replayed in memory, where the
  /// family can.
  FileSystem openReadOnly(Disk disk) throws IOException;

  /// Opens for writing; replays the journal first.
  ///
  /// @throws io.calco.disk.UnsupportedFeatureException when a feature is in use that cannot be
  ///   written correctly, before anything is written
  FileSystem openWritable(Disk disk) throws IOException;
}
