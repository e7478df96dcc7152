package io.calco.nbd;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/// Our client on qemu-nbd, which speaks structured replies.
class QemuNbdDiskTest extends RemoteDiskContract {
  @Override
  NbdAddress serve(long size, Path socket) throws IOException {
    Path file = socket.resolveSibling(socket.getFileName() + ".raw");
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(size);
    }
    return closing(ForeignServer.qemuNbd(socket, file, "raw")).address();
  }
}
