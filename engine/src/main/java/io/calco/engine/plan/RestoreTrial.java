package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Tries whether a point can be restored: what a plan does every so many days with the newest one
/// of each source.
@FunctionalInterface
public interface RestoreTrial {
  /// Tries it.
  ///
  /// @return how, and what came of it, in a few words: `booted to a login prompt`
  /// @throws IOException when it cannot be restored
  String test(BackupRepository repository, RestorePoint point, JobContext job) throws IOException;

  /// Reads all that a restore would write, compared with its hashes on the way, as the disk that it
  /// was. Nothing is booted, and the result says so.
  static RestoreTrial reading() {
    return (repository, point, job) -> {
      long bytes = 0;
      try (Disk disk = new Backups(repository).open(point);
          Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(1 << 20);
        for (long at = 0; at < disk.size(); ) {
          job.checkCancelled();
          Extent extent = disk.extentAt(at, disk.size() - at);
          while (at < extent.end()) {
            long length = Math.min(buffer.byteSize(), extent.end() - at);
            if (extent.readsZero()) {
              length = extent.end() - at;
            } else {
              disk.read(at, buffer.asSlice(0, length));
              bytes += length;
            }
            at += length;
            job.progress("reading", at, disk.size());
          }
        }
      }
      return "read as a disk, %d bytes; not booted".formatted(bytes);
    };
  }
}
