package io.calco.nbd;

import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/// The beginning of a connection, as a client. "Fixed newstyle negotiation" of `doc/proto.md`.
/// Confined.
final class ClientHandshake {
  private static final int REPLY_MAX_BYTES = 64 << 10; // ours
  private static final int REPLIES_MAX = 1000; // ours
  private static final int BLOCK_MIN_MAX = 64 << 10; // spec

  private final Wire wire;
  private final NbdAddress address;
  private Framing framing = Framing.SIMPLE;
  private final String wanted;
  private OptionalInt context = OptionalInt.empty();

  /// @param context what is to be asked about runs: [Nbd#BASE_ALLOCATION], or a bitmap's
  ClientHandshake(Wire wire, NbdAddress address, String context) {
    this.wire = wire;
    this.address = address;
    this.wanted = context;
  }

  /// What the server serves, and how.
  ///
  /// @param size in bytes
  /// @param flags the transmission flags
  /// @param blockMin what requests are aligned to, a power of two up to 64 KiB
  /// @param payloadMax most that one request reads or writes
  /// @param context the id of the context that was wanted, if the server has it
  record Served(
      long size, int flags, int blockMin, int payloadMax, Framing framing, OptionalInt context) {
    boolean can(int flag) {
      return (flags & flag) != 0;
    }
  }

  private static final class Reply {
    private final int type;
    private final byte[] data;

    Reply(int type, byte[] data) {
      this.type = type;
      this.data = data;
    }

    boolean isError() {
      return type < 0;
    }

    /// The server's words, safe for a terminal.
    String said() {
      return OpenPolicy.printable(new String(data, StandardCharsets.UTF_8));
    }
  }

  /// Chooses the export.
  ///
  /// @param tls makes what encrypts, if it is to be encrypted
  Served run(Supplier<SSLEngine> tls) throws IOException {
    if (wire.takeLong() != Nbd.NBDMAGIC || wire.takeLong() != Nbd.IHAVEOPT) {
      throw new ProtocolException(address + ": is no NBD server of today's kind");
    }
    int flags = wire.takeShort();
    boolean fixed = (flags & Nbd.FLAG_FIXED_NEWSTYLE) != 0;
    boolean zeroes = (flags & Nbd.FLAG_NO_ZEROES) == 0;
    wire.room(4).putInt((fixed ? Nbd.FLAG_FIXED_NEWSTYLE : 0) | (zeroes ? 0 : Nbd.FLAG_NO_ZEROES));
    if (!fixed) {
      if (address.encrypted()) {
        throw new UnsupportedFeatureException(address + ": the server does not encrypt");
      }
      return byName(zeroes);
    }
    if (address.encrypted()) {
      startTls(tls);
    }
    if (accepted(Nbd.OPT_EXTENDED_HEADERS)) {
      framing = Framing.EXTENDED;
    } else if (accepted(Nbd.OPT_STRUCTURED_REPLY)) {
      framing = Framing.STRUCTURED;
    }
    if (framing != Framing.SIMPLE) {
      chooseContext();
    }
    Optional<Served> served = go();
    return served.isPresent() ? served.get() : byName(zeroes);
  }

  private void startTls(Supplier<SSLEngine> tls) throws IOException {
    option(Nbd.OPT_STARTTLS, new byte[0]);
    Reply reply = reply(Nbd.OPT_STARTTLS);
    if (reply.type != Nbd.REP_ACK) {
      throw new UnsupportedFeatureException(
          address + ": the server does not encrypt; nbd:// asks in the clear");
    }
    wire.startTls(tls.get());
  }

  private boolean accepted(int option) throws IOException {
    option(option, new byte[0]);
    Reply reply = reply(option);
    requireNoTls(reply);
    return reply.type == Nbd.REP_ACK;
  }

  private void requireNoTls(Reply reply) throws IOException {
    if (reply.type == Nbd.REP_ERR_TLS_REQD) {
      throw new UnsupportedFeatureException(
          address + ": the server wants encryption: nbds:// for nbd://");
    }
  }

  private void chooseContext() throws IOException {
    byte[] name = address.export().getBytes(StandardCharsets.UTF_8);
    byte[] query = wanted.getBytes(StandardCharsets.UTF_8);
    option(
        Nbd.OPT_SET_META_CONTEXT,
        ByteBuffer.allocate(12 + name.length + query.length)
            .putInt(name.length)
            .put(name)
            .putInt(1)
            .putInt(query.length)
            .put(query)
            .array());
    for (int i = 0; i < REPLIES_MAX; i++) {
      Reply reply = reply(Nbd.OPT_SET_META_CONTEXT);
      if (reply.type == Nbd.REP_ACK) {
        return;
      }
      if (reply.isError()) {
        context = OptionalInt.empty();
        return;
      }
      ByteBuffer data = ByteBuffer.wrap(reply.data);
      if (reply.type == Nbd.REP_META_CONTEXT && data.remaining() == 4 + query.length) {
        context = OptionalInt.of(data.getInt());
      }
    }
    throw tooMuch();
  }

  private ProtocolException tooMuch() {
    return new ProtocolException(address + ": the server answers without an end");
  }

  /// Empty when the server is too old for that.
  private Optional<Served> go() throws IOException {
    byte[] name = address.export().getBytes(StandardCharsets.UTF_8);
    option(
        Nbd.OPT_GO,
        ByteBuffer.allocate(8 + name.length)
            .putInt(name.length)
            .put(name)
            .putShort((short) 1)
            .putShort((short) Nbd.INFO_BLOCK_SIZE)
            .array());
    Optional<Served> export = Optional.empty();
    int blockMin = 1;
    int payloadMax = Nbd.PAYLOAD_MAX_BYTES;
    for (int i = 0; i < REPLIES_MAX; i++) {
      Reply reply = reply(Nbd.OPT_GO);
      ByteBuffer data = ByteBuffer.wrap(reply.data);
      if (reply.type == Nbd.REP_ACK) {
        Served found =
            export.orElseThrow(
                () -> new ProtocolException(address + ": the server does not say what it serves"));
        return Optional.of(checked(found.size(), found.flags(), blockMin, payloadMax));
      }
      if (reply.type == Nbd.REP_ERR_UNSUP && framing != Framing.EXTENDED) {
        return Optional.empty();
      }
      if (reply.isError()) {
        throw refused(reply);
      }
      if (reply.type == Nbd.REP_INFO && data.remaining() >= Short.BYTES) {
        int kind = data.getShort();
        if (kind == Nbd.INFO_EXPORT && data.remaining() == Long.BYTES + Short.BYTES) {
          export = Optional.of(new Served(data.getLong(), data.getShort(), 1, 0, framing, context));
        } else if (kind == Nbd.INFO_BLOCK_SIZE && data.remaining() == 3 * Integer.BYTES) {
          blockMin = data.getInt();
          data.position(data.position() + Integer.BYTES); // the preferred size
          payloadMax = data.getInt();
        }
      }
    }
    throw tooMuch();
  }

  private IOException refused(Reply reply) throws IOException {
    requireNoTls(reply);
    return reply.type == Nbd.REP_ERR_UNKNOWN
        ? new UnsupportedFeatureException(
            "%s: the server has no export \"%s\""
                .formatted(address, OpenPolicy.printable(address.export())))
        : new UnsupportedFeatureException(
            "%s: the server refuses: %s"
                .formatted(
                    address,
                    reply.data.length == 0
                        ? "reply 0x" + Integer.toHexString(reply.type)
                        : reply.said()));
  }

  private Served byName(boolean zeroes) throws IOException {
    option(Nbd.OPT_EXPORT_NAME, address.export().getBytes(StandardCharsets.UTF_8));
    long size = wire.takeLong();
    int flags = wire.takeShort();
    if (zeroes) {
      wire.skip(124);
    }
    return checked(size, flags, 1, Nbd.PAYLOAD_MAX_BYTES);
  }

  private Served checked(long size, int flags, int blockMin, int payloadMax)
      throws ProtocolException {
    int most = payloadMax < 0 ? Nbd.PAYLOAD_MAX_BYTES : Math.min(payloadMax, Nbd.PAYLOAD_MAX_BYTES);
    if (size < 0
        || (flags & Nbd.HAS_FLAGS) == 0
        || Integer.bitCount(blockMin) != 1
        || blockMin < 1
        || blockMin > BLOCK_MIN_MAX
        || most < blockMin) {
      throw new ProtocolException(
          "%s: the server serves what cannot be: %d bytes, flags 0x%x, blocks of %d to %d"
              .formatted(address, size, flags, blockMin, payloadMax));
    }
    return new Served(
        size / blockMin * blockMin, flags, blockMin, most / blockMin * blockMin, framing, context);
  }

  private void option(int option, byte[] data) throws IOException {
    wire.room(16 + data.length).putLong(Nbd.IHAVEOPT).putInt(option).putInt(data.length).put(data);
  }

  private Reply reply(int option) throws IOException {
    if (wire.takeLong() != Nbd.REPLY_MAGIC || wire.takeInt() != option) {
      throw new ProtocolException(address + ": the server answers something else");
    }
    int type = wire.takeInt();
    long length = Integer.toUnsignedLong(wire.takeInt());
    if (length > REPLY_MAX_BYTES) {
      throw new ProtocolException(
          "%s: the server answers an option with %d bytes".formatted(address, length));
    }
    return new Reply(type, wire.takeBytes((int) length));
  }
}
