package io.calco.disk;

import java.io.IOException;
import java.util.List;

/// The internal snapshots of an image: states of its disk that are kept inside its own file, and
/// share what did not change.
///
/// A snapshot is named by its id, or else by its name. Each change is whole or not at all, also
/// when the process or the host ends in the middle; space that was set aside for one that did not
/// come about may stay counted as used until a repair.
///
/// Thread rule: as [Disk]; each method keeps everybody else out of the image.
public interface InternalSnapshots {

  /// All snapshots, in the file's order.
  List<FormatInfo.Snapshot> list() throws IOException;

  /// Keeps the disk as it is now.
  ///
  /// @param name 1 to 255 bytes of UTF-8; not the id or name of another snapshot
  /// @return the new snapshot, its id chosen
  /// @throws LimitExceededException when there is no room for one more, or the image's refcounts
  ///   are too narrow; nothing was changed
  FormatInfo.Snapshot create(String name) throws IOException;

  /// Makes the disk what it was, its size too; what it holds now is lost unless another snapshot
  /// keeps it. The snapshot stays.
  ///
  /// @return the snapshot
  /// @throws UnsupportedFeatureException when there is no such snapshot, or the image has dirty
  ///   bitmaps, which could not say what changed
  FormatInfo.Snapshot apply(String idOrName) throws IOException;

  /// Forgets a snapshot and gives its own space back to the host.
  ///
  /// @return what is no more
  /// @throws UnsupportedFeatureException when there is no such snapshot
  FormatInfo.Snapshot delete(String idOrName) throws IOException;
}
