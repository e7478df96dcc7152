package io.calco.fs.fat;

import io.calco.disk.Disk;
import java.io.IOException;

/// Brings all changes to the disk in an order that loses no file that was not meant: see the
/// package.
final class Commit {
  private static final int PAGES = 64; // ours: changed pages of the FAT that make it due
  private static final int DIRECTORIES = 256; // ours

  private final Volume volume;
  private final boolean wasClean;

  /// @param wasClean the volume was clean when it was opened, and is to be so again
  Commit(Volume volume, boolean wasClean) {
    this.volume = volume;
    this.wasClean = wasClean;
  }

  /// True when enough has changed to write it.
  boolean isDue() {
    return volume.table().changedPages() > PAGES || volume.changes().count() > DIRECTORIES;
  }

  /// Returns when everything is on the medium.
  void run() throws IOException {
    Disk disk = volume.disk();
    if (!volume.isChanged()) {
      disk.sync();
      return;
    }
    if (wasClean) {
      volume.mark(false);
    }
    FatTable table = volume.table();
    volume.changes().writeNewClusters();
    table.write(FatTable.Phase.ALLOCATE);
    disk.sync();
    syncIf(table.write(FatTable.Phase.LINK));
    syncIf(volume.changes().writeAdditions());
    syncIf(volume.changes().writeRemovals());
    syncIf(table.write(FatTable.Phase.CUT));
    table.write(FatTable.Phase.RELEASE);
    FsInfo.write(disk, volume.geometry(), table.countFree(), volume.clusters().hint());
    disk.sync();
    if (wasClean) {
      volume.mark(true);
      disk.sync();
    }
  }

  private void syncIf(boolean wrote) throws IOException {
    if (wrote) {
      volume.disk().sync();
    }
  }
}
