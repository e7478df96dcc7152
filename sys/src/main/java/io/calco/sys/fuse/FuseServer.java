package io.calco.sys.fuse;

import io.calco.sys.FuseMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Shows a tree in a directory until it is unmounted: by [#close], or by anybody with `umount`.
/// Thread rule: safe.
public final class FuseServer implements AutoCloseable {
  private static final int THREADS_MAX = 8; // ours
  private static final long CLOSE_MILLIS = 2000; // ours: files that others have open hold it up

  private final FuseMount mount;
  private final CountDownLatch running;

  private FuseServer(FuseMount mount, int threads) {
    this.mount = mount;
    this.running = new CountDownLatch(threads);
  }

  /// Mounts, and answers from now on.
  ///
  /// @param directory is there; what it holds is hidden meanwhile
  /// @throws java.nio.file.NoSuchFileException when something is not installed, which it names
  /// @throws IOException when it cannot be mounted
  public static FuseServer start(Path directory, FuseNode root) throws IOException {
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors() + 1L, 2, THREADS_MAX);
    FuseServer server = new FuseServer(FuseMount.mount(directory), threads);
    FuseNodes nodes = new FuseNodes(root);
    List<Thread> answering = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      answering.add(
          Thread.ofPlatform()
              .daemon()
              .name("fuse-" + i)
              .unstarted(() -> {
                try {
                  new FuseSession(server.mount, nodes).run();
                } finally {
                  server.running.countDown();
                }
              }));
    }
    answering.forEach(Thread::start);
    return server;
  }

  /// Waits a while for the end.
  ///
  /// @return true when it is unmounted
  public boolean awaitUnmount(long millis) throws InterruptedException {
    boolean ended = running.await(millis, TimeUnit.MILLISECONDS);
    if (ended) {
      mount.gone();
    }
    return ended;
  }

  /// Unmounts. What somebody still has open cannot be read any more once this process has ended.
  @Override
  public void close() throws IOException {
    mount.unmount();
    try {
      awaitUnmount(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mount.close();
  }
}
