package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.FutureTask;

/// A look at what is installed in a disk, while its bytes are stored. The disk must stay open until
/// this is closed, which waits for its end.
final class Look implements AutoCloseable {
  private final FutureTask<InstalledSystems> task;

  private Look(FutureTask<InstalledSystems> task) {
    this.task = task;
  }

  static Look begin(BackupRequest request, Disk disk) {
    if (request.look() == BackupRequest.Look.NOTHING) {
      FutureTask<InstalledSystems> nothing = new FutureTask<>(InstalledSystems::none);
      nothing.run();
      return new Look(nothing);
    }
    FutureTask<InstalledSystems> task =
        new FutureTask<>(() -> InstalledSystems.find(disk, request.options().keys()));
    Thread.ofPlatform().daemon().name("inspect").start(task);
    return new Look(task);
  }

  /// What was found.
  InstalledSystems get() throws IOException {
    return ThreadEnd.result(task);
  }

  @Override
  public void close() {
    try {
      get();
    } catch (IOException | RuntimeException e) {
      // Whoever needed it has heard of it.
    }
  }
}
