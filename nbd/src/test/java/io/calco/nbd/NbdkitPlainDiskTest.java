package io.calco.nbd;

import io.calco.disk.DiskCapabilities;
import java.io.IOException;
import java.nio.file.Path;

/// Our client on nbdkit without structured replies: nothing is known of runs.
class NbdkitPlainDiskTest extends RemoteDiskContract {
  @Override
  NbdAddress serve(long size, Path socket) throws IOException {
    return closing(ForeignServer.nbdkit(socket, "--no-sr", "memory", size)).address();
  }

  @Override
  protected DiskCapabilities expected() {
    return new DiskCapabilities(true, false, true, true, false);
  }
}
