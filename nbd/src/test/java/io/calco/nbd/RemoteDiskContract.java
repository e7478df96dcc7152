package io.calco.nbd;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A disk at the other end of a connection keeps what every disk keeps, whoever serves it.
@Timeout(300)
abstract class RemoteDiskContract extends DiskContract {
  @TempDir Path directory = Path.of("replaced");
  private final List<AutoCloseable> servers = new ArrayList<>();
  private int count;

  /// Starts a server with a new disk of zeroes.
  abstract NbdAddress serve(long size, Path socket) throws IOException;

  NbdDisk.Options options() {
    return NbdDisk.Options.to(NbdDisk.Access.WRITE);
  }

  final <T extends AutoCloseable> T closing(T server) {
    servers.add(server);
    return server;
  }

  @Override
  protected Disk create(long size) throws IOException {
    return NbdDisk.open(serve(size, directory.resolve(++count + ".sock")), options());
  }

  @Override
  protected DiskCapabilities expected() {
    return new DiskCapabilities(true, true, true, true, false);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable server : servers.reversed()) {
      server.close();
    }
  }
}
