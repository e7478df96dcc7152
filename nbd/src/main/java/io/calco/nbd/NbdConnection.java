package io.calco.nbd;

import io.calco.disk.OpenPolicy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/// A connection to a server, one request at a time. After any failure but an [NbdException] it
/// cannot be used any more. Confined.
final class NbdConnection implements AutoCloseable {
  private static final int ERRORS_MAX = 100; // ours, in one answer
  private static final int RUNS_MAX = 1 << 20; // spec
  private static final int CHUNK_HEAD_BYTES = 4096; // ours, generous
  private static final Duration GOODBYE = Duration.ofSeconds(5);
  private static final System.Logger LOG = System.getLogger("io.calco.nbd");

  private final NbdAddress address;
  private final Wire wire;
  private final Patience patience;
  private final ClientHandshake.Served served;
  private long cookies;

  private NbdConnection(
      NbdAddress address, Wire wire, Patience patience, ClientHandshake.Served served) {
    this.address = address;
    this.wire = wire;
    this.patience = patience;
    this.served = served;
  }

  /// Connects and chooses the export.
  ///
  /// @param context what is to be asked about runs
  /// @param tls makes what encrypts
  /// @param most how long connecting and choosing may take, each
  static NbdConnection open(
      NbdAddress address, String context, Supplier<SSLEngine> tls, Duration most)
      throws IOException {
    SocketChannel channel;
    try {
      channel = connect(address.socketAddresses(), most);
    } catch (UnknownHostException e) {
      throw new IOException(address + ": the host is not known", e);
    } catch (IOException e) {
      throw new IOException(address + ": " + e.getMessage(), e);
    }
    Wire wire = new Wire(channel);
    Patience patience = new Patience(wire);
    try {
      patience.begin(most);
      var served = new ClientHandshake(wire, address, context).run(tls);
      patience.end();
      return new NbdConnection(address, wire, patience, served);
    } catch (IOException e) {
      abandon(wire, patience, e);
      throw told(address, patience, e);
    } catch (RuntimeException e) {
      abandon(wire, patience, e);
      throw e;
    }
  }

  private static void abandon(Wire wire, Patience patience, Exception cause) {
    try (patience) {
      wire.hangUp();
      wire.close();
    } catch (IOException suppressed) {
      cause.addSuppressed(suppressed);
    }
  }

  private static SocketChannel connect(List<SocketAddress> addresses, Duration most)
      throws IOException {
    for (SocketAddress address : addresses.subList(0, addresses.size() - 1)) {
      try {
        return connect(address, most);
      } catch (IOException perhapsTheNext) {
        LOG.log(System.Logger.Level.DEBUG, "no connection", perhapsTheNext);
      }
    }
    return connect(addresses.getLast(), most);
  }

  private static SocketChannel connect(SocketAddress address, Duration most) throws IOException {
    if (!(address instanceof InetSocketAddress inet)) {
      return SocketChannel.open(address);
    }
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(inet, Math.toIntExact(most.toMillis()));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return channel;
    } catch (IOException | RuntimeException e) {
      try (channel) {
        throw e;
      }
    }
  }

  /// The failure as users should hear of it.
  private static IOException told(NbdAddress address, Patience patience, IOException failure) {
    if (patience.isLost()) {
      return new IOException(address + ": the server does not answer", failure);
    }
    String message = String.valueOf(failure.getMessage());
    return message.contains(address.toString())
        ? failure
        : new IOException(address + ": the connection broke: " + message, failure);
  }

  ClientHandshake.Served served() {
    return served;
  }

  /// What an answer brings.
  private interface Content {
    /// Takes a chunk's payload off the wire.
    ///
    /// @return false when it is none of this answer's
    boolean take(int type, int length) throws IOException;

    /// Takes what a simple reply without error brings.
    void takePlain() throws IOException;
  }

  private static final Content NONE =
      new Content() {
        @Override
        public boolean take(int type, int length) {
          return false;
        }

        @Override
        public void takePlain() {}
      };

  /// Fills `dst`, which is not longer than the server allows.
  void read(long offset, MemorySegment dst, Duration most) throws IOException {
    Request request = request(Nbd.CMD_READ, 0, offset, dst.byteSize());
    ReadContent content = new ReadContent(request, dst.asByteBuffer());
    run(request, most, content, NOTHING);
    if (content.left > 0) {
      throw broken("it sends less than was asked for");
    }
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final class ReadContent implements Content {
    private final Request request;
    private final ByteBuffer dst;
    private long left;

    ReadContent(Request request, ByteBuffer dst) {
      this.request = request;
      this.dst = dst;
      this.left = request.length();
    }

    @Override
    public boolean take(int type, int length) throws IOException {
      boolean hole = type == Nbd.REPLY_TYPE_OFFSET_HOLE;
      if (!hole && type != Nbd.REPLY_TYPE_OFFSET_DATA
          || (hole ? length != 12 : length <= Long.BYTES)) {
        return false;
      }
      long at = wire.takeLong() - request.offset();
      long count = hole ? Integer.toUnsignedLong(wire.takeInt()) : length - Long.BYTES;
      // What it sends twice is missing elsewhere.
      if (at < 0 || count < 1 || count > left || at > request.length() - count) {
        return false;
      }
      ByteBuffer part = dst.slice((int) at, (int) count);
      if (hole) {
        MemorySegment.ofBuffer(part).fill((byte) 0);
      } else {
        wire.take(part);
      }
      left -= count;
      return true;
    }

    @Override
    public void takePlain() throws IOException {
      wire.take(dst);
      left = 0;
    }
  }

  /// Writes `src`, which is not longer than the server allows.
  void write(long offset, MemorySegment src, Duration most) throws IOException {
    int flags = served.framing() == Framing.EXTENDED ? Nbd.CMD_FLAG_PAYLOAD_LEN : 0;
    run(request(Nbd.CMD_WRITE, flags, offset, src.byteSize()), most, NONE, src.asByteBuffer());
  }

  /// Runs a command that brings nothing.
  ///
  /// @param length less than 4 GiB
  void command(int type, int flags, long offset, long length, Duration most) throws IOException {
    run(request(type, flags, offset, length), most, NONE, NOTHING);
  }

  /// What the context says of the runs from `offset` on, at least one; the last may end beyond what
  /// was asked for.
  List<MetaContext.Status> status(long offset, long length, Duration most) throws IOException {
    Request request = request(Nbd.CMD_BLOCK_STATUS, 0, offset, length);
    StatusContent content = new StatusContent(offset);
    run(request, most, content, NOTHING);
    if (content.runs.isEmpty()) {
      throw broken("it says nothing of what was asked about");
    }
    return content.runs;
  }

  private final class StatusContent implements Content {
    private final List<MetaContext.Status> runs = new ArrayList<>();
    private long at;

    StatusContent(long offset) {
      this.at = offset;
    }

    @Override
    public boolean take(int type, int length) throws IOException {
      boolean extended = served.framing() == Framing.EXTENDED;
      int head = extended ? 8 : 4;
      int each = extended ? 16 : 8;
      int count = (length - head) / each;
      if (type != (extended ? Nbd.REPLY_TYPE_BLOCK_STATUS_EXT : Nbd.REPLY_TYPE_BLOCK_STATUS)
          || !runs.isEmpty()
          || count < 1
          || count > RUNS_MAX
          || length != head + count * each
          || wire.takeInt() != served.context().orElse(-1)
          || extended && wire.takeInt() != count) {
        return false;
      }
      for (int i = 0; i < count; i++) {
        long run = extended ? wire.takeLong() : Integer.toUnsignedLong(wire.takeInt());
        long flags = extended ? wire.takeLong() : wire.takeInt();
        if (run < 1) {
          return false;
        }
        if (at < served.size()) {
          long shown = Math.min(run, served.size() - at);
          runs.add(new MetaContext.Status(shown, (int) flags));
          at += shown;
        }
      }
      return true;
    }

    @Override
    public void takePlain() throws IOException {
      throw broken("it answers with less than was agreed on");
    }
  }

  private Request request(int type, int flags, long offset, long length) {
    return new Request(flags, type, ++cookies, offset, length);
  }

  private void run(Request request, Duration most, Content content, ByteBuffer data)
      throws IOException {
    patience.begin(most);
    try {
      request.put(wire, served.framing());
      if (data.hasRemaining()) {
        wire.send(data);
      }
      answer(request, content);
    } catch (NbdException e) {
      throw e;
    } catch (IOException e) {
      throw told(address, patience, e);
    } finally {
      patience.end();
    }
  }

  private void answer(Request request, Content content) throws IOException {
    int errors = 0;
    NbdException failure = null;
    while (true) {
      int magic = wire.takeInt();
      if (magic == Nbd.SIMPLE_REPLY_MAGIC && served.framing() != Framing.EXTENDED) {
        simple(request, content);
        return;
      }
      int expected =
          switch (served.framing()) {
            case SIMPLE -> Nbd.SIMPLE_REPLY_MAGIC;
            case STRUCTURED -> Nbd.STRUCTURED_REPLY_MAGIC;
            case EXTENDED -> Nbd.EXTENDED_REPLY_MAGIC;
          };
      if (magic != expected) {
        throw broken("its answer begins with 0x%x".formatted(magic));
      }
      int flags = Short.toUnsignedInt(wire.takeShort());
      int type = Short.toUnsignedInt(wire.takeShort());
      requireCookie(request, wire.takeLong());
      long length = length(request);
      boolean last = (flags & Nbd.REPLY_FLAG_DONE) != 0;
      if ((type & 1 << 15) != 0) {
        failure = error(request, length);
        if (++errors > ERRORS_MAX) {
          throw broken("it answers with errors without an end");
        }
      } else if (type == Nbd.REPLY_TYPE_NONE
          ? length != 0 || !last
          : !content.take(type, (int) length)) {
        throw broken("its answer has a chunk of kind %d that does not fit".formatted(type));
      }
      if (last) {
        if (failure != null) {
          throw failure;
        }
        return;
      }
    }
  }

  private long length(Request request) throws IOException {
    boolean extended = served.framing() == Framing.EXTENDED;
    if (extended && wire.takeLong() != request.offset()) {
      throw broken("it answers for another place");
    }
    long length = extended ? wire.takeLong() : Integer.toUnsignedLong(wire.takeInt());
    if (length < 0 || length > Nbd.PAYLOAD_MAX_BYTES + CHUNK_HEAD_BYTES) {
      throw broken("its answer has a chunk of %s bytes".formatted(Long.toUnsignedString(length)));
    }
    return length;
  }

  private void simple(Request request, Content content) throws IOException {
    int error = wire.takeInt();
    requireCookie(request, wire.takeLong());
    if (error != 0) {
      throw NbdException.of(what(request), error, "");
    }
    if (request.type() == Nbd.CMD_READ && served.framing() != Framing.SIMPLE) {
      throw broken("it answers with less than was agreed on");
    }
    content.takePlain();
  }

  private void requireCookie(Request request, long cookie) throws IOException {
    if (cookie != request.cookie()) {
      throw broken("it answers request %x, not %x".formatted(cookie, request.cookie()));
    }
  }

  private NbdException error(Request request, long length) throws IOException {
    if (length < Integer.BYTES + Short.BYTES || length > 2 * Nbd.STRING_MAX_BYTES) {
      throw broken("it tells of an error in %d bytes".formatted(length));
    }
    int error = wire.takeInt();
    int count = Short.toUnsignedInt(wire.takeShort());
    long rest = length - Integer.BYTES - Short.BYTES;
    if (count > rest || error == 0) {
      throw broken("it tells of an error as none is told of");
    }
    String said = new String(wire.takeBytes(count), StandardCharsets.UTF_8);
    wire.skip(rest - count);
    return NbdException.of(what(request), error, OpenPolicy.printable(said));
  }

  private String what(Request request) {
    String verb =
        switch (request.type()) {
          case Nbd.CMD_READ -> "reading";
          case Nbd.CMD_WRITE -> "writing";
          case Nbd.CMD_FLUSH -> "flushing";
          case Nbd.CMD_TRIM -> "trimming";
          case Nbd.CMD_WRITE_ZEROES -> "writing zeroes to";
          default -> "asking about";
        };
    return "%s: %s %d bytes at 0x%x".formatted(address, verb, request.length(), request.offset());
  }

  private ProtocolException broken(String how) {
    return new ProtocolException(address + ": the server breaks the protocol: " + how);
  }

  /// Says goodbye, if the server still hears it: all that mattered was answered before.
  @Override
  public void close() {
    try (patience) {
      patience.begin(GOODBYE);
      request(Nbd.CMD_DISC, 0, 0, 0).put(wire, served.framing());
      wire.close();
    } catch (IOException gone) {
      LOG.log(System.Logger.Level.DEBUG, "a server that was gone before", gone);
    }
  }

  /// Ends it without a word.
  void hangUp() throws IOException {
    try (patience) {
      wire.hangUp();
      wire.close();
    }
  }
}
