package io.calco.machine;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A disk that a machine is running on, and the work that the machine's own QEMU does on it while
/// the guest goes on: one job at a time. A job outlives who began it. Safe for several threads.
public interface LiveDisk {
  /// The machine's name.
  String machine();

  /// Its place in the guest: `vda`.
  String target();

  /// The images that it is made of now, the uppermost first.
  List<DiskLayer> layers() throws IOException;

  /// Begins to copy what lies below the uppermost layer into that; returns at once.
  ///
  /// @param base the layer that stays below; all are copied if empty, and it rests on none
  ///   afterwards
  /// @param bytesPerSecond how fast; 0 for no limit
  void pull(Optional<DiskLayer> base, long bytesPerSecond) throws IOException;

  /// Begins to write what the uppermost layer, and those between, hold into a lower one; returns at
  /// once. The job goes on until it is finished or aborted: what the guest writes goes into both,
  /// once they are the same.
  ///
  /// @param base the layer that is written
  /// @param bytesPerSecond how fast; 0 for no limit
  void commit(DiskLayer base, long bytesPerSecond) throws IOException;

  /// The job; none once it is over, well or not: what the disk rests on then tells which.
  Optional<BlockJob> job() throws IOException;

  /// Ends a job as it is. Of a commit both layers show the guest the same; of what was copied
  /// nothing is taken back.
  void abort() throws IOException;

  /// Ends a commit that is ready: the machine goes on with the lower layer alone, also when it is
  /// started the next time.
  void pivot() throws IOException;
}
