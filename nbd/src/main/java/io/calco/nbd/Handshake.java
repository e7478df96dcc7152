package io.calco.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// The beginning of a connection: which export, if any. "Fixed newstyle negotiation" of
/// `doc/proto.md`.
final class Handshake {
  private static final int OPTION_MAX_BYTES = 4096; // ours; longer ones are passed over
  private static final long OPTION_SKIP_MAX = 1 << 20; // ours; for these we hang up
  private static final int OPTIONS_MAX = 1000; // ours

  private final Wire wire;
  private final Map<String, NbdExport> exports;

  Handshake(Wire wire, Map<String, NbdExport> exports) {
    this.wire = wire;
    this.exports = exports;
  }

  /// The export that the client is served from now on; empty when it wants none.
  ///
  /// @throws ProtocolException when it speaks something else
  Optional<NbdExport> run() throws IOException {
    ByteBuffer greeting = wire.out();
    greeting.putLong(Nbd.NBDMAGIC).putLong(Nbd.IHAVEOPT);
    greeting.putShort((short) (Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES));
    wire.send();
    int clientFlags = wire.takeInt();
    if ((clientFlags & Nbd.FLAG_FIXED_NEWSTYLE) == 0) {
      throw new ProtocolException("the client does not speak fixed newstyle");
    }
    boolean zeroes = (clientFlags & Nbd.FLAG_NO_ZEROES) == 0;
    for (int i = 0; i < OPTIONS_MAX; i++) {
      if (wire.takeLong() != Nbd.IHAVEOPT) {
        throw new ProtocolException("the client sends an option without its magic");
      }
      int option = wire.takeInt();
      long length = Integer.toUnsignedLong(wire.takeInt());
      if (length > OPTION_MAX_BYTES) {
        pass(option, length);
        continue;
      }
      byte[] data = wire.takeBytes(Math.toIntExact(length));
      switch (option) {
        case Nbd.OPT_EXPORT_NAME -> {
          return Optional.of(byName(data, zeroes));
        }
        case Nbd.OPT_ABORT -> {
          reply(option, Nbd.REP_ACK, 0);
          wire.send();
          return Optional.empty();
        }
        case Nbd.OPT_LIST -> list(data);
        case Nbd.OPT_INFO, Nbd.OPT_GO -> {
          Optional<NbdExport> chosen = describe(option, data);
          if (option == Nbd.OPT_GO && chosen.isPresent()) {
            return chosen;
          }
        }
        default -> error(option, Nbd.REP_ERR_UNSUP);
      }
    }
    throw new ProtocolException("the client sends more than " + OPTIONS_MAX + " options");
  }

  private void pass(int option, long length) throws IOException {
    if (length > OPTION_SKIP_MAX || option == Nbd.OPT_EXPORT_NAME) {
      throw new ProtocolException("the client sends an option of " + length + " bytes");
    }
    wire.skip(length);
    error(option, Nbd.REP_ERR_INVALID);
  }

  /// The oldest way to choose: there is no answer for what does not exist but to hang up.
  private NbdExport byName(byte[] name, boolean zeroes) throws IOException {
    NbdExport export = exports.get(new String(name, StandardCharsets.UTF_8));
    if (export == null) {
      throw new ProtocolException("the client asks for an export that is not there");
    }
    wire.out().putLong(export.disk().size()).putShort((short) Nbd.TRANSMISSION_FLAGS);
    if (zeroes) {
      wire.out().put(new byte[124]);
    }
    wire.send();
    return export;
  }

  private void list(byte[] data) throws IOException {
    if (data.length > 0) {
      error(Nbd.OPT_LIST, Nbd.REP_ERR_INVALID);
      return;
    }
    Collection<NbdExport> all = exports.values();
    for (NbdExport export : all) {
      byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
      reply(Nbd.OPT_LIST, Nbd.REP_SERVER, Integer.BYTES + name.length);
      wire.out().putInt(name.length).put(name);
      wire.send();
    }
    reply(Nbd.OPT_LIST, Nbd.REP_ACK, 0);
    wire.send();
  }

  private Optional<NbdExport> describe(int option, byte[] data) throws IOException {
    Optional<String> name = name(data);
    if (name.isEmpty()) {
      error(option, Nbd.REP_ERR_INVALID);
      return Optional.empty();
    }
    NbdExport export = exports.get(name.get());
    if (export == null) {
      error(option, Nbd.REP_ERR_UNKNOWN);
      return Optional.empty();
    }
    reply(option, Nbd.REP_INFO, 12);
    wire.out().putShort((short) Nbd.INFO_EXPORT);
    wire.out().putLong(export.disk().size()).putShort((short) Nbd.TRANSMISSION_FLAGS);
    reply(option, Nbd.REP_INFO, 14);
    wire.out().putShort((short) Nbd.INFO_BLOCK_SIZE);
    wire.out().putInt(1).putInt(4096).putInt(Transmission.READ_MAX_BYTES);
    reply(option, Nbd.REP_ACK, 0);
    wire.send();
    return Optional.of(export);
  }

  /// The name in the data of `INFO` and `GO`: its length, itself, then a count of information
  /// requests and these. All that we have is told, whatever is requested.
  private static Optional<String> name(byte[] data) {
    ByteBuffer option = ByteBuffer.wrap(data);
    if (data.length < Integer.BYTES + Short.BYTES) {
      return Optional.empty();
    }
    int length = option.getInt();
    if (length < 0 || length > option.remaining() - Short.BYTES) {
      return Optional.empty();
    }
    String name = new String(data, option.position(), length, StandardCharsets.UTF_8);
    option.position(option.position() + length);
    int requests = Short.toUnsignedInt(option.getShort());
    return option.remaining() == requests * Short.BYTES ? Optional.of(name) : Optional.empty();
  }

  private void error(int option, int error) throws IOException {
    reply(option, error, 0);
    wire.send();
  }

  private void reply(int option, int type, int length) {
    wire.out().putLong(Nbd.REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
  }
}
