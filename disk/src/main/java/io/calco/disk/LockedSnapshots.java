package io.calco.disk;

import java.io.IOException;
import java.util.List;

/// Keeps everybody else out of an image while its snapshots change.
record LockedSnapshots(InternalSnapshots snapshots, FormatDisk disk) implements InternalSnapshots {

  @Override
  public List<FormatInfo.Snapshot> list() throws IOException {
    return snapshots.list();
  }

  @Override
  public FormatInfo.Snapshot create(String name) throws IOException {
    return disk.alone(() -> snapshots.create(name));
  }

  @Override
  public FormatInfo.Snapshot apply(String idOrName) throws IOException {
    return disk.alone(() -> snapshots.apply(idOrName));
  }

  @Override
  public FormatInfo.Snapshot delete(String idOrName) throws IOException {
    return disk.alone(() -> snapshots.delete(idOrName));
  }
}
