package io.calco.nbd;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// The rest of a connection: requests and simple replies, in order. "Transmission" of
/// `doc/proto.md`.
final class Transmission {
  /// Longest that is read at once. Clients that ask for block sizes keep to it; others are told
  /// that it was too much.
  static final int READ_MAX_BYTES = 2 << 20; // ours

  private static final long WRITE_SKIP_MAX = 64L << 20; // ours: for more we hang up

  private final Wire wire;
  private final Disk disk;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);

  Transmission(Wire wire, Disk disk) {
    this.wire = wire;
    this.disk = disk;
  }

  /// Serves until the client has enough.
  void run() throws IOException {
    while (true) {
      if (wire.takeInt() != Nbd.REQUEST_MAGIC) {
        throw new ProtocolException("the client sends a request without its magic");
      }
      wire.takeShort(); // flags: none matters to a reader
      int type = Short.toUnsignedInt(wire.takeShort());
      long cookie = wire.takeLong();
      long offset = wire.takeLong();
      long length = Integer.toUnsignedLong(wire.takeInt());
      switch (type) {
        case Nbd.CMD_READ -> read(cookie, offset, length);
        case Nbd.CMD_DISC -> {
          return;
        }
        case Nbd.CMD_WRITE -> {
          if (length > WRITE_SKIP_MAX) {
            throw new ProtocolException("the client writes " + length + " bytes");
          }
          wire.skip(length);
          refuse(cookie, Nbd.EPERM);
        }
        case Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES -> refuse(cookie, Nbd.EPERM);
        default -> refuse(cookie, Nbd.EINVAL);
      }
    }
  }

  private void read(long cookie, long offset, long length) throws IOException {
    if (offset < 0 || length == 0 || offset > disk.size() - length) {
      refuse(cookie, Nbd.EINVAL);
      return;
    }
    if (length > READ_MAX_BYTES) {
      refuse(cookie, Nbd.EOVERFLOW);
      return;
    }
    int count = Math.toIntExact(length);
    if (buffer.capacity() < count) {
      buffer = ByteBuffer.allocateDirect(READ_MAX_BYTES);
    }
    buffer.clear().limit(count);
    try {
      disk.read(offset, MemorySegment.ofBuffer(buffer));
    } catch (IOException e) {
      refuse(cookie, Nbd.EIO);
      return;
    }
    wire.out().putInt(Nbd.SIMPLE_REPLY_MAGIC).putInt(0).putLong(cookie);
    wire.send(buffer);
  }

  private void refuse(long cookie, int error) throws IOException {
    wire.out().putInt(Nbd.SIMPLE_REPLY_MAGIC).putInt(error).putLong(cookie);
    wire.send();
  }
}
