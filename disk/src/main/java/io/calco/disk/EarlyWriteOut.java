package io.calco.disk;

import io.calco.sys.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Has the host bring a file to its medium while it is being written, through whatever other open
/// file: little is left then for the sync that must follow. A hint, which never fails.
///
/// Thread rule: confined; has a thread of its own.
public final class EarlyWriteOut implements AutoCloseable {
  /// So often that the medium always has something to do.
  private static final long EVERY_MS = 20;

  private final OpenFile file;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;

  private EarlyWriteOut(OpenFile file) {
    this.file = file;
    this.thread = Thread.ofPlatform().daemon().name("write-out").start(this::run);
  }

  /// Begins.
  ///
  /// @param path a file or block device that is there
  public static EarlyWriteOut of(Path path) throws IOException {
    return new EarlyWriteOut(OpenFile.open(path, OpenFile.Access.READ));
  }

  private void run() {
    try {
      while (!ended.await(EVERY_MS, TimeUnit.MILLISECONDS)) {
        file.writeOut();
      }
    } catch (IOException | InterruptedException e) {
      // The sync has it all to do.
    }
  }

  /// Ends; what is on its way is not waited for.
  @Override
  public void close() throws IOException {
    ended.countDown();
    ThreadEnd.await(thread);
    file.close();
  }
}
