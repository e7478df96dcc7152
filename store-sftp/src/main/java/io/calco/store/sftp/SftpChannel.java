package io.calco.store.sftp;

import io.calco.disk.RateLimit;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.sshd.client.channel.ChannelSubsystem;
import org.apache.sshd.common.channel.ChannelPipedInputStream;

/// The SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), as OpenSSH has it, on
/// one channel: requests are sent without waiting, as many as fit, and answers taken as they come.
///
/// An answer may have 256 KiB, must be whole within [#PATIENCE] and must belong to a request; what
/// has not been read stays with the server, held there by the channel's window. So a server can
/// neither fill our memory nor keep us waiting.
///
/// After any exception but [SftpException] and [EOFException] answers may be under way still, and
/// the channel is of no use any more: see [#usable].
///
/// Confined.
final class SftpChannel implements AutoCloseable {
  /// How long an answer may take.
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int INIT = 1;
  private static final int VERSION = 2;
  private static final int CLOSE = 4;
  private static final int READ = 5;
  private static final int WRITE = 6;
  private static final int EXTENDED = 200;

  private static final int ANSWER_MAX = (256 << 10) + 64;

  /// Bytes in one read or write: what every server takes, and what OpenSSH says that it takes.
  private static final int PART = 32 << 10;

  private static final int PART_MAX = 255 << 10;

  /// Bytes asked for or sent that no answer has come for.
  private static final int UNDER_WAY_MAX = 1 << 20;

  private final ChannelSubsystem channel;
  private final ChannelPipedInputStream in;
  private final OutputStream out;
  private final RateLimit rate;
  private final Duration patience;
  private final Map<String, String> extensions = new HashMap<>();

  /// Requests whose answers nobody waits for.
  private final Set<Integer> unawaited = new HashSet<>();

  private int partRead = PART;
  private int partWrite = PART;
  private int lastId;
  private boolean usable = true;

  private SftpChannel(ChannelSubsystem channel, RateLimit rate, Duration patience) {
    this.channel = channel;
    this.in = (ChannelPipedInputStream) channel.getInvertedOut();
    this.out = channel.getInvertedIn();
    this.rate = rate;
    this.patience = patience;
  }

  /// Speaks on a channel that is open, and closes it at the end.
  static SftpChannel owning(ChannelSubsystem channel, RateLimit rate, Duration patience)
      throws IOException {
    SftpChannel spoken = new SftpChannel(channel, rate, patience);
    try {
      spoken.begin();
    } catch (IOException | RuntimeException e) {
      spoken.close();
      throw e;
    }
    return spoken;
  }

  private void begin() throws IOException {
    out.write(ByteBuffer.allocate(9).putInt(5).put((byte) INIT).putInt(3).array());
    out.flush();
    Reply hello = receive();
    if (hello.kind() != VERSION || hello.id() < 3) {
      throw new StreamCorruptedException("the server does not speak SFTP 3");
    }
    extensions.putAll(hello.pairs());
    if (has("limits@openssh.com", "1")) {
      long[] limits =
          exchange(new Message(EXTENDED).string("limits@openssh.com"))
              .expect(Reply.EXTENDED)
              .numbers(3);
      partRead = part(limits[1]);
      partWrite = part(limits[2]);
    }
  }

  /// @param limit unsigned; 0 when the server does not tell
  private static int part(long limit) {
    return limit == 0 ? PART : (int) Math.min(Math.max(limit, PART) & Long.MAX_VALUE, PART_MAX);
  }

  /// True when the server offers this extension in this version.
  boolean has(String extension, String version) {
    return version.equals(extensions.get(extension));
  }

  /// True when the channel may be used again.
  boolean usable() {
    return usable && channel.isOpen();
  }

  /// Uses the channel no more, since it may hold open files.
  void retire() {
    usable = false;
  }

  /// Sends a request.
  ///
  /// @return its number
  private int send(Message request) throws IOException {
    int id = ++lastId;
    out.write(request.numbered(id), 0, request.length());
    return id;
  }

  /// The next answer that somebody waits for.
  private Reply receive() throws IOException {
    out.flush();
    while (true) {
      Reply reply = receiveAny();
      if (!unawaited.remove(reply.id())) {
        return reply;
      }
    }
  }

  private Reply receiveAny() throws IOException {
    long until = System.nanoTime() + patience.toNanos();
    ByteBuffer head = ByteBuffer.wrap(receive(9, until));
    int length = head.getInt();
    if (length < 5 || length > ANSWER_MAX) {
      throw new StreamCorruptedException(
          "an answer of %d bytes, expected 5 to %d".formatted(length, ANSWER_MAX));
    }
    int kind = head.get() & 0xff;
    return new Reply(kind, head.getInt(), receive(length - 5, until));
  }

  private byte[] receive(int count, long until) throws IOException {
    byte[] bytes = new byte[count];
    int done = 0;
    while (done < count) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new TimeoutException(patience);
      }
      in.setTimeout(left);
      int read;
      try {
        read = in.read(bytes, done, count - done);
      } catch (java.net.SocketException slow) {
        throw new TimeoutException(patience);
      }
      if (read < 0) {
        throw new IOException("the server has ended the connection");
      }
      done += read;
    }
    return bytes;
  }

  /// An answer that did not come in time.
  static final class TimeoutException extends IOException {
    private static final long serialVersionUID = 1L;

    TimeoutException(Duration patience) {
      super("the server has not answered for " + patience.toSeconds() + " s");
    }
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /// Does what leaves no answers under way unless it fails.
  private <T> T whole(Work<T> work) throws IOException {
    usable = false;
    T done = work.run();
    usable = true;
    return done;
  }

  /// Sends requests and waits for their answers.
  ///
  /// @return in the order of the requests
  List<Reply> exchange(List<Message> requests) throws IOException {
    return whole(() -> {
      Map<Integer, Integer> places = new HashMap<>();
      for (Message request : requests) {
        places.put(send(request), places.size());
      }
      Reply[] replies = new Reply[requests.size()];
      while (!places.isEmpty()) {
        Reply reply = receive();
        replies[placeOf(places, reply)] = reply;
      }
      return List.of(replies);
    });
  }

  private static <T> T placeOf(Map<Integer, T> awaited, Reply reply) throws IOException {
    T place = awaited.remove(reply.id());
    if (place == null) {
      throw new StreamCorruptedException("an answer that nobody asked for");
    }
    return place;
  }

  /// Sends a request and waits for its answer.
  Reply exchange(Message request) throws IOException {
    return exchange(List.of(request)).getFirst();
  }

  /// Closes a handle without waiting for the answer.
  void closeLater(byte[] handle) throws IOException {
    if (usable) {
      unawaited.add(send(new Message(CLOSE).string(handle)));
    }
  }

  /// A run of bytes under way.
  private record Part(long at, int length) {}

  /// Reads exactly `dst.byteSize()` bytes of an open file.
  ///
  /// @throws EOFException when it ends before
  void read(byte[] handle, long offset, MemorySegment dst) throws IOException {
    boolean complete = whole(() -> readParts(handle, offset, dst));
    if (!complete) {
      throw new EOFException();
    }
  }

  /// False when the file ends before.
  private boolean readParts(byte[] handle, long offset, MemorySegment dst) throws IOException {
    Map<Integer, Part> awaited = new HashMap<>();
    long asked = 0;
    long underWay = 0;
    boolean ended = false;
    while (true) {
      while (!ended && asked < dst.byteSize() && underWay < UNDER_WAY_MAX) {
        Part part = new Part(asked, (int) Math.min(partRead, dst.byteSize() - asked));
        rate.pass(part.length);
        ask(handle, offset, part, awaited);
        asked += part.length;
        underWay += part.length;
      }
      if (awaited.isEmpty()) {
        return !ended;
      }
      Reply reply = receive();
      Part part = placeOf(awaited, reply);
      if (reply.isStatus(Reply.EOF)) {
        ended = true;
        underWay -= part.length;
        continue;
      }
      int read = reply.expect(Reply.DATA).data(dst, part.at, part.length);
      underWay -= read;
      if (read < part.length) {
        ask(handle, offset, new Part(part.at + read, part.length - read), awaited);
      }
    }
  }

  private void ask(byte[] handle, long offset, Part part, Map<Integer, Part> awaited)
      throws IOException {
    Message read = new Message(READ).string(handle).u64(offset + part.at).u32(part.length);
    awaited.put(send(read), part);
  }

  /// Writes an open file from its beginning on.
  void write(byte[] handle, List<MemorySegment> content) throws IOException {
    whole(() -> {
      Map<Integer, Part> awaited = new HashMap<>();
      long underWay = 0;
      long at = 0;
      for (MemorySegment bytes : content) {
        for (long from = 0; from < bytes.byteSize(); ) {
          Part part = new Part(at, (int) Math.min(partWrite, bytes.byteSize() - from));
          while (underWay > 0 && underWay + part.length > UNDER_WAY_MAX) {
            underWay -= acknowledged(awaited).length;
          }
          rate.pass(part.length);
          Message write = new Message(WRITE).string(handle).u64(at);
          awaited.put(send(write.string(bytes, from, part.length)), part);
          underWay += part.length;
          from += part.length;
          at += part.length;
        }
      }
      while (!awaited.isEmpty()) {
        acknowledged(awaited);
      }
      return true;
    });
  }

  private Part acknowledged(Map<Integer, Part> awaited) throws IOException {
    Reply reply = receive();
    Part part = placeOf(awaited, reply);
    reply.expectOk();
    return part;
  }

  @Override
  public void close() {
    channel.close(true);
  }
}
