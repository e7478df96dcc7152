package io.calco.nbd;

import java.io.IOException;
import java.nio.file.Path;

/// Our client on nbdkit that takes nothing smaller than 4 KiB, nor more than 64 KiB at once.
class NbdkitBlocksDiskTest extends RemoteDiskContract {
  @Override
  NbdAddress serve(long size, Path socket) throws IOException {
    return closing(
            ForeignServer.nbdkit(
                socket,
                "--filter=blocksize-policy",
                "memory",
                size,
                "blocksize-minimum=4096",
                "blocksize-preferred=4096",
                "blocksize-maximum=65536",
                "blocksize-error-policy=error"))
        .address();
  }
}
