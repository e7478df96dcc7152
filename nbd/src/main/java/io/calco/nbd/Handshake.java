package io.calco.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The beginning of a connection: which export, if any, and how it is spoken of. "Fixed newstyle
/// negotiation" of `doc/proto.md`. Confined.
final class Handshake {
  /// Ours; longer ones are passed over. A name and some hundred queries fit.
  private static final int OPTION_MAX_BYTES = 64 << 10;

  private static final long OPTION_SKIP_MAX = 1 << 20; // ours; for these we hang up
  private static final int OPTIONS_MAX = 1000; // ours
  private static final int PREFERRED_BLOCK = 4096;

  private final Wire wire;
  private final Map<String, NbdExport> exports;
  private final Optional<NbdTls> tls;
  private boolean encrypted;
  private Framing framing = Framing.SIMPLE;
  private Optional<ContextQuery> chosen = Optional.empty();

  Handshake(Wire wire, Map<String, NbdExport> exports, Optional<NbdTls> tls) {
    this.wire = wire;
    this.exports = exports;
    this.tls = tls;
  }

  /// What the client is served from now on; empty when it wants nothing.
  ///
  /// @throws ProtocolException when it speaks something else
  Optional<Agreed> run() throws IOException {
    wire.room(18)
        .putLong(Nbd.NBDMAGIC)
        .putLong(Nbd.IHAVEOPT)
        .putShort((short) (Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES));
    int clientFlags = wire.takeInt();
    if ((clientFlags & Nbd.FLAG_FIXED_NEWSTYLE) == 0
        || (clientFlags & ~(Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)) != 0) {
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
      if (option == Nbd.OPT_ABORT) {
        reply(option, Nbd.REP_ACK, 0);
        return Optional.empty();
      }
      if (option == Nbd.OPT_EXPORT_NAME) {
        return Optional.of(byName(data, zeroes));
      }
      if (option == Nbd.OPT_GO && permitted()) {
        Optional<Agreed> agreed = describe(option, data);
        if (agreed.isPresent()) {
          return agreed;
        }
      } else {
        answer(option, data);
      }
    }
    throw new ProtocolException("the client sends more than " + OPTIONS_MAX + " options");
  }

  private void pass(int option, long length) throws IOException {
    if (length > OPTION_SKIP_MAX || option == Nbd.OPT_EXPORT_NAME) {
      throw new ProtocolException("the client sends an option of " + length + " bytes");
    }
    wire.skip(length);
    reply(option, Nbd.REP_ERR_TOO_BIG, 0);
  }

  /// False while encryption is required and has not begun.
  private boolean permitted() {
    return encrypted || tls.isEmpty() || tls.get().use() == NbdTls.Use.OFFERED;
  }

  private void answer(int option, byte[] data) throws IOException {
    if (option == Nbd.OPT_STARTTLS) {
      startTls(data);
    } else if (!permitted()) {
      reply(option, Nbd.REP_ERR_TLS_REQD, 0);
    } else {
      switch (option) {
        case Nbd.OPT_LIST -> list(data);
        case Nbd.OPT_INFO -> describe(option, data);
        case Nbd.OPT_STRUCTURED_REPLY -> frame(option, data, Framing.STRUCTURED);
        case Nbd.OPT_EXTENDED_HEADERS -> frame(option, data, Framing.EXTENDED);
        case Nbd.OPT_LIST_META_CONTEXT, Nbd.OPT_SET_META_CONTEXT -> contexts(option, data);
        default -> reply(option, Nbd.REP_ERR_UNSUP, 0);
      }
    }
  }

  private void startTls(byte[] data) throws IOException {
    if (data.length > 0 || encrypted) {
      reply(Nbd.OPT_STARTTLS, Nbd.REP_ERR_INVALID, 0);
    } else if (tls.isEmpty()) {
      reply(Nbd.OPT_STARTTLS, Nbd.REP_ERR_POLICY, 0);
    } else {
      reply(Nbd.OPT_STARTTLS, Nbd.REP_ACK, 0);
      wire.startTls(tls.get().engine());
      encrypted = true;
      // Nothing that was agreed on in the clear counts.
      framing = Framing.SIMPLE;
      chosen = Optional.empty();
    }
  }

  private void frame(int option, byte[] data, Framing wanted) throws IOException {
    if (data.length > 0) {
      reply(option, Nbd.REP_ERR_INVALID, 0);
    } else if (wanted.compareTo(framing) < 0) {
      reply(option, Nbd.REP_ERR_EXT_HEADER_REQD, 0);
    } else {
      framing = wanted;
      reply(option, Nbd.REP_ACK, 0);
    }
  }

  /// The oldest way to choose: there is no answer for what does not exist but to hang up.
  private Agreed byName(byte[] name, boolean zeroes) throws IOException {
    if (!permitted() || framing == Framing.EXTENDED) {
      throw new ProtocolException("the client chooses an export as it may not");
    }
    NbdExport export = exports.get(new String(name, StandardCharsets.UTF_8));
    if (export == null) {
      throw new ProtocolException("the client asks for an export that is not there");
    }
    Agreed agreed = agreed(export);
    ByteBuffer out = wire.room(256).putLong(export.disk().size()).putShort(flags(agreed));
    if (zeroes) {
      out.put(new byte[124]);
    }
    return agreed;
  }

  private Agreed agreed(NbdExport export) {
    List<MetaContext> contexts =
        chosen
            .filter(query -> query.export().equals(export.name()))
            .map(query -> query.chosen(export))
            .orElse(List.of());
    return new Agreed(export, framing, contexts);
  }

  private static short flags(Agreed agreed) {
    return (short)
        Transmission.flags(agreed.export(), agreed.framing(), !agreed.contexts().isEmpty());
  }

  private void list(byte[] data) throws IOException {
    if (data.length > 0) {
      reply(Nbd.OPT_LIST, Nbd.REP_ERR_INVALID, 0);
      return;
    }
    for (NbdExport export : exports.values()) {
      byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
      reply(Nbd.OPT_LIST, Nbd.REP_SERVER, Integer.BYTES + name.length)
          .putInt(name.length)
          .put(name);
    }
    reply(Nbd.OPT_LIST, Nbd.REP_ACK, 0);
  }

  private Optional<Agreed> describe(int option, byte[] data) throws IOException {
    Optional<String> name = name(data);
    if (name.isEmpty()) {
      reply(option, Nbd.REP_ERR_INVALID, 0);
      return Optional.empty();
    }
    NbdExport export = exports.get(name.get());
    if (export == null) {
      reply(option, Nbd.REP_ERR_UNKNOWN, 0);
      return Optional.empty();
    }
    Agreed agreed = agreed(export);
    reply(option, Nbd.REP_INFO, 12)
        .putShort((short) Nbd.INFO_EXPORT)
        .putLong(export.disk().size())
        .putShort(flags(agreed));
    reply(option, Nbd.REP_INFO, 14)
        .putShort((short) Nbd.INFO_BLOCK_SIZE)
        .putInt(1)
        .putInt(PREFERRED_BLOCK)
        .putInt(Nbd.PAYLOAD_MAX_BYTES);
    reply(option, Nbd.REP_ACK, 0);
    return Optional.of(agreed);
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

  private void contexts(int option, byte[] data) throws IOException {
    boolean set = option == Nbd.OPT_SET_META_CONTEXT;
    if (set) {
      chosen = Optional.empty();
    }
    Optional<ContextQuery> query = ContextQuery.parse(data);
    if (query.isEmpty() || framing == Framing.SIMPLE) {
      reply(option, Nbd.REP_ERR_INVALID, 0);
      return;
    }
    NbdExport export = exports.get(query.get().export());
    if (export == null) {
      reply(option, Nbd.REP_ERR_UNKNOWN, 0);
      return;
    }
    List<MetaContext> found = set ? query.get().chosen(export) : query.get().listed(export);
    for (int id = 0; id < found.size(); id++) {
      byte[] name = found.get(id).name().getBytes(StandardCharsets.UTF_8);
      reply(option, Nbd.REP_META_CONTEXT, Integer.BYTES + name.length)
          .putInt(set ? id : 0)
          .put(name);
    }
    if (set) {
      chosen = query;
    }
    reply(option, Nbd.REP_ACK, 0);
  }

  /// The header of a reply, and room for what follows.
  private ByteBuffer reply(int option, int type, int length) throws IOException {
    return wire.room(20 + length)
        .putLong(Nbd.REPLY_MAGIC)
        .putInt(option)
        .putInt(type)
        .putInt(length);
  }
}
