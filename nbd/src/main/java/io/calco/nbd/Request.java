package io.calco.nbd;

import java.io.IOException;
import java.net.ProtocolException;

/// A request's header.
///
/// @param flags `NBD_CMD_FLAG_…`
/// @param type `NBD_CMD_…`
/// @param cookie what the answer is known by
/// @param length of the run, or of what follows: as `flags` says in extended framing, else as
///   `type` does
record Request(int flags, int type, long cookie, long offset, long length) {
  private static final int HEADER_BYTES = 32;

  static Request take(Wire wire, Framing framing) throws IOException {
    int magic = framing == Framing.EXTENDED ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC;
    if (wire.takeInt() != magic) {
      throw new ProtocolException("the client sends a request without its magic");
    }
    return new Request(
        Short.toUnsignedInt(wire.takeShort()),
        Short.toUnsignedInt(wire.takeShort()),
        wire.takeLong(),
        wire.takeLong(),
        framing == Framing.EXTENDED ? wire.takeLong() : Integer.toUnsignedLong(wire.takeInt()));
  }

  void put(Wire wire, Framing framing) throws IOException {
    boolean extended = framing == Framing.EXTENDED;
    var out = wire.room(HEADER_BYTES);
    out.putInt(extended ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC);
    out.putShort((short) flags).putShort((short) type).putLong(cookie).putLong(offset);
    if (extended) {
      out.putLong(length);
    } else {
      out.putInt((int) length);
    }
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// True when the run lies in a disk of that size, and is not empty.
  boolean liesIn(long size) {
    return offset >= 0 && length > 0 && length <= size && offset <= size - length;
  }
}
