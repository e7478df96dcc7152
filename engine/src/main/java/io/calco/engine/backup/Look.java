package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/// What is found out in a thread of its own while something else goes on, and what it looks at must
/// stay open until this is closed, which waits for its end. Confined.
final class Look<T> implements AutoCloseable {
  private final FutureTask<T> task;

  private Look(FutureTask<T> task) {
    this.task = task;
  }

  /// Begins to find something out.
  ///
  /// @param what the thread's name
  static <T> Look<T> begin(String what, Callable<T> finding) {
    Look<T> look = new Look<>(new FutureTask<>(finding));
    Thread.ofPlatform().daemon().name(what).start(look.task);
    return look;
  }

  /// A look at what is installed in a disk, while its bytes are stored.
  static Look<InstalledSystems> begin(BackupRequest request, Disk disk) {
    if (request.look() == BackupRequest.Look.NOTHING) {
      Look<InstalledSystems> nothing = new Look<>(new FutureTask<>(InstalledSystems::none));
      nothing.task.run();
      return nothing;
    }
    return begin("inspect", () -> InstalledSystems.find(disk, request.options().keys()));
  }

  /// What was found.
  T get() throws IOException {
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
