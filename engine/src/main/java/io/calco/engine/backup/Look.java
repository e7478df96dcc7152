package io.calco.engine.backup;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
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
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
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
