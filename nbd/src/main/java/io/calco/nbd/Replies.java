package io.calco.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Puts answers on the wire, in the framing that was agreed on. Confined.
final class Replies {
  /// Longest header with what stands before the data of a chunk.
  static final int HEADER_BYTES = 48;

  private final Wire wire;
  private final Framing framing;

  Replies(Wire wire, Framing framing) {
    this.wire = wire;
    this.framing = framing;
  }

  /// Room for a header and `count` more bytes.
  ByteBuffer room(int count) throws IOException {
    return wire.room(HEADER_BYTES + count);
  }

  /// All was done.
  void done(Request request) throws IOException {
    if (framing == Framing.EXTENDED) {
      chunk(request, Nbd.REPLY_TYPE_NONE, Nbd.REPLY_FLAG_DONE, 0);
    } else {
      simple(request, 0);
    }
  }

  /// It was not done.
  ///
  /// @param message for a person; some 100 characters at most
  void error(Request request, int error, String message) throws IOException {
    if (framing == Framing.SIMPLE) {
      simple(request, error);
      return;
    }
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    chunk(
            request,
            Nbd.REPLY_TYPE_ERROR,
            Nbd.REPLY_FLAG_DONE,
            Integer.BYTES + Short.BYTES + text.length)
        .putInt(error)
        .putShort((short) text.length)
        .put(text);
  }

  /// The header of a simple reply.
  void simple(Request request, int error) throws IOException {
    wire.room(Integer.BYTES + Integer.BYTES + Long.BYTES)
        .putInt(Nbd.SIMPLE_REPLY_MAGIC)
        .putInt(error)
        .putLong(request.cookie());
  }

  /// The header of a chunk.
  ///
  /// @param length of what follows, for which there is room if it is less than 4096
  ByteBuffer chunk(Request request, int type, int flags, int length) throws IOException {
    ByteBuffer out = room(Math.min(length, Nbd.STRING_MAX_BYTES));
    if (framing == Framing.EXTENDED) {
      out.putInt(Nbd.EXTENDED_REPLY_MAGIC).putShort((short) flags).putShort((short) type);
      return out.putLong(request.cookie()).putLong(request.offset()).putLong(length);
    }
    out.putInt(Nbd.STRUCTURED_REPLY_MAGIC).putShort((short) flags).putShort((short) type);
    return out.putLong(request.cookie()).putInt(length);
  }
}
