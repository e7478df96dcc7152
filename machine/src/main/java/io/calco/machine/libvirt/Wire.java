package io.calco.machine.libvirt;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Questions and answers on a connection: each message is a length, a header of six numbers and a
/// content (`virnetprotocol.x`). An answer has its question's serial number, and so have the
/// packets of the stream that a question opened. One thread reads and hands out (no virtual one:
/// those wait in threads that never end, for which the JVM waits 0.3 s when it ends); whoever asks
/// waits for their own answer. Events, which nobody waits for, go to the one who
/// [listens][#listener].
///
/// A daemon that breaks the protocol, ends, or does not answer in time is done with: this and all
/// other questions fail with the reason, at once. Safe for several threads.
final class Wire implements AutoCloseable {
  /// `VIR_NET_MESSAGE_MAX`, the length itself not counted.
  static final int MESSAGE_MAX = 33_554_432;

  private static final int PROGRAM = 0x20008086;
  private static final int VERSION = 1;
  private static final int LENGTH = Integer.BYTES;
  private static final int HEADER = 6 * Integer.BYTES;

  private static final Duration BLOCKED = Duration.ofSeconds(1); // ours

  private static final int CALL = 0;
  private static final int REPLY = 1;
  private static final int MESSAGE = 2;
  private static final int STREAM = 3;

  private static final int OK = 0;
  private static final int ERROR = 1;
  private static final int CONTINUE = 2;

  private final String name;
  private final ByteChannel channel;
  private volatile Duration patience;
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicInteger serials = new AtomicInteger();
  private final Map<Integer, Question> questions = new ConcurrentHashMap<>();
  private volatile @Nullable IOException broken;
  private volatile @Nullable Listener listener;
  private final AtomicLong heard = new AtomicLong();

  /// Hears what libvirt says unasked, in the thread that reads: it must not wait.
  interface Listener {
    void told(int procedure, XdrReader content) throws ProtocolException;

    /// The connection is gone.
    void ended(IOException reason);
  }

  /// What was asked and is not done with.
  private record Question(
      Procedure procedure, CompletableFuture<byte[]> answer, @Nullable WireStream stream) {}

  private record Header(int program, int procedure, int type, int serial, int status) {}

  private Wire(String name, ByteChannel channel, Duration patience) {
    this.name = name;
    this.channel = channel;
    this.patience = patience;
  }

  /// Takes a connection over.
  ///
  /// @param name for messages
  /// @param patience how long an answer may take
  static Wire owning(String name, ByteChannel channel, Duration patience) {
    Wire wire = new Wire(name, channel, patience);
    Thread.ofPlatform().daemon().name("libvirt").start(wire::listen);
    return wire;
  }

  /// How long an answer may take from now on.
  void patience(Duration longest) {
    patience = longest;
  }

  /// From now on events are for this one; nobody else may listen.
  void listener(@Nullable Listener hearing) {
    synchronized (this) {
      if (hearing != null && listener != null) {
        throw new IllegalStateException("somebody listens to this connection already");
      }
      listener = hearing;
    }
    IOException failure = broken;
    if (hearing != null && failure != null) { // perhaps before it was there
      hearing.ended(failure);
    }
  }

  /// How many messages libvirt has sent.
  long heard() {
    return heard.get();
  }

  /// True while an answer, or the end of a stream, is waited for.
  boolean asked() {
    return !questions.isEmpty();
  }

  /// Asks, and waits for the answer.
  ///
  /// @throws LibvirtException when libvirt refuses
  XdrReader call(Procedure procedure, XdrWriter arguments) throws IOException {
    return await(send(procedure, arguments, null)).answer();
  }

  /// Asks for something that a stream goes with.
  Opened open(Procedure procedure, XdrWriter arguments) throws IOException {
    return await(send(procedure, arguments, new WireStream(this, procedure)));
  }

  /// @param stream there where one was asked for
  record Opened(XdrReader answer, @Nullable WireStream stream) {}

  private Question send(Procedure procedure, XdrWriter arguments, @Nullable WireStream stream)
      throws IOException {
    Question question = new Question(procedure, new CompletableFuture<>(), stream);
    int serial = serials.incrementAndGet();
    if (stream != null) {
      stream.begin(serial);
    }
    questions.put(serial, question);
    try {
      write(procedure, CALL, serial, OK, ByteBuffer.wrap(arguments.toByteArray()));
    } catch (IOException | RuntimeException e) {
      questions.remove(serial);
      throw e;
    }
    IOException failure = broken;
    if (failure != null) { // perhaps before the question was among them
      question.answer().completeExceptionally(failure);
    }
    return question;
  }

  private Opened await(Question question) throws IOException {
    return new Opened(
        new XdrReader(await(question.procedure(), question.answer())), question.stream());
  }

  /// Waits, for as long as our patience lasts.
  <T> T await(Procedure procedure, CompletableFuture<T> answer) throws IOException {
    Duration most = patience;
    try {
      return answer.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw again(Objects.requireNonNullElse(e.getCause(), e));
    } catch (TimeoutException e) {
      IOException late =
          new IOException(
              "libvirt at %s does not answer %s after %d s"
                  .formatted(name, procedure, most.toSeconds()),
              e);
      fail(late);
      throw late;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /// Of the one who waits, not of the thread that reads.
  private static IOException again(Throwable failure) {
    return failure instanceof LibvirtException e
        ? new LibvirtException(e.code(), e.domain(), messageOf(e))
        : new IOException(failure.getMessage(), failure);
  }

  private static String messageOf(LibvirtException e) {
    return String.valueOf(e.getMessage()).replaceFirst("^libvirt: ", "");
  }

  /// A packet of a stream's data.
  void sendData(WireStream stream, ByteBuffer data) throws IOException {
    write(stream.procedure(), STREAM, stream.serial(), CONTINUE, data);
  }

  /// No more is sent and all is well: libvirt says the same, or what went wrong.
  void sendEnd(WireStream stream) throws IOException {
    write(stream.procedure(), STREAM, stream.serial(), OK, ByteBuffer.allocate(0));
  }

  /// No more is wanted.
  void sendAbort(WireStream stream) throws IOException {
    write(stream.procedure(), STREAM, stream.serial(), ERROR, ByteBuffer.allocate(0));
  }

  private void write(Procedure procedure, int type, int serial, int status, ByteBuffer content)
      throws IOException {
    IOException failure = broken;
    if (failure != null) {
      throw again(failure);
    }
    ByteBuffer message = ByteBuffer.allocate(LENGTH + HEADER + content.remaining());
    message.putInt(message.capacity());
    message.putInt(PROGRAM).putInt(VERSION).putInt(procedure.number());
    message.putInt(type).putInt(serial).putInt(status).put(content).flip();
    writing.lock();
    try {
      write(message);
    } finally {
      writing.unlock();
    }
  }

  private void write(ByteBuffer message) throws IOException {
    try {
      while (message.hasRemaining()) {
        channel.write(message);
      }
    } catch (IOException e) {
      throw new IOException("libvirt at %s hung up".formatted(name), e);
    }
  }

  /// Sends a message of the keepalive program; not while a daemon that reads no more keeps
  /// something else from being sent.
  void signal(KeepAlive.Signal signal) throws IOException, InterruptedException {
    if (writing.tryLock(BLOCKED.toMillis(), TimeUnit.MILLISECONDS)) {
      try {
        ByteBuffer message = ByteBuffer.allocate(LENGTH + HEADER);
        message.putInt(message.capacity());
        message.putInt(KeepAlive.PROGRAM).putInt(KeepAlive.VERSION).putInt(signal.number());
        message.putInt(MESSAGE).putInt(0).putInt(OK).flip();
        write(message);
      } finally {
        writing.unlock();
      }
    }
  }

  private void listen() {
    try {
      while (true) {
        ByteBuffer message = ByteBuffer.wrap(read());
        heard.incrementAndGet();
        dispatch(header(message), message);
      }
    } catch (ProtocolException e) {
      fail(
          new IOException(
              "libvirt at %s breaks its protocol: %s".formatted(name, e.getMessage()), e));
    } catch (InterruptedException e) {
      fail(new IOException("libvirt at %s: stopped".formatted(name), e));
    } catch (IOException e) {
      fail(new IOException("libvirt at %s hung up".formatted(name), e));
    }
  }

  /// One message without its length. What a length promises is set aside as it comes.
  private byte[] read() throws IOException {
    int length = ByteBuffer.wrap(read(LENGTH)).getInt() - LENGTH;
    if (length < HEADER || length > MESSAGE_MAX) {
      throw new ProtocolException(
          "a message of %s bytes, expected %d to %d"
              .formatted(Integer.toUnsignedString(length + LENGTH), HEADER, MESSAGE_MAX));
    }
    return read(length);
  }

  private byte[] read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.min(length, 1 << 16));
    while (true) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException("in the midst of a message, or before");
        }
      }
      if (bytes.capacity() == length) {
        return bytes.array();
      }
      int more = (int) Math.min(length, 4L * bytes.capacity());
      bytes = ByteBuffer.allocate(more).put(bytes.flip());
    }
  }

  private static Header header(ByteBuffer message) throws ProtocolException {
    int program = message.getInt();
    int version = message.getInt();
    boolean ours = program == PROGRAM && version == VERSION;
    if (!ours && (program != KeepAlive.PROGRAM || version != KeepAlive.VERSION)) {
      throw new ProtocolException(
          "a message of program 0x%x version %d, expected 0x%x version %d"
              .formatted(program, version, PROGRAM, VERSION));
    }
    return new Header(
        program, message.getInt(), message.getInt(), message.getInt(), message.getInt());
  }

  private void dispatch(Header header, ByteBuffer content)
      throws IOException, InterruptedException {
    if (header.program() == KeepAlive.PROGRAM) {
      if (header.type() == MESSAGE && header.procedure() == KeepAlive.Signal.PING.number()) {
        signal(KeepAlive.Signal.PONG);
      }
      return;
    }
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    switch (header.type()) {
      case REPLY -> answered(header, bytes);
      case STREAM -> streamed(header, bytes);
      case MESSAGE -> {
        Listener hearing = listener;
        if (hearing != null) {
          hearing.told(header.procedure(), new XdrReader(bytes));
        }
      }
      default -> throw new ProtocolException("a message of type " + header.type());
    }
  }

  private Question questionOf(Header header) throws ProtocolException {
    Question question = questions.get(header.serial());
    if (question == null || question.procedure().number() != header.procedure()) {
      throw new ProtocolException(
          "an answer to question %d (procedure %d), which was not asked"
              .formatted(header.serial(), header.procedure()));
    }
    return question;
  }

  private void answered(Header header, byte[] content) throws ProtocolException {
    Question question = questionOf(header);
    boolean good = header.status() == OK;
    if (question.stream() == null || !good) {
      questions.remove(header.serial());
    }
    boolean first =
        good
            ? question.answer().complete(content)
            : question.answer().completeExceptionally(error(content));
    if (!first) {
      throw new ProtocolException("a second answer to question " + header.serial());
    }
  }

  private void streamed(Header header, byte[] content)
      throws ProtocolException, InterruptedException {
    WireStream stream = questionOf(header).stream();
    if (stream == null) {
      throw new ProtocolException(
          "data for question %d, which opened no stream".formatted(header.serial()));
    }
    if (header.status() == CONTINUE) {
      stream.feed(content);
    } else {
      questions.remove(header.serial());
      stream.ended(header.status() == OK ? null : error(content));
    }
  }

  private static LibvirtException error(byte[] content) throws ProtocolException {
    return LibvirtException.read(new XdrReader(content));
  }

  /// libvirt has said nothing for so long that it must be gone.
  void dead(Duration silence) {
    fail(
        new IOException(
            "libvirt at %s has said nothing for %d s".formatted(name, silence.toSeconds())));
  }

  /// Nothing more can be said on this connection.
  private void fail(IOException reason) {
    synchronized (this) {
      if (broken != null) {
        return;
      }
      broken = reason;
    }
    for (Question question : questions.values()) {
      question.answer().completeExceptionally(reason);
      WireStream stream = question.stream();
      if (stream != null) {
        stream.ended(reason);
      }
    }
    Listener hearing = listener;
    if (hearing != null) {
      hearing.ended(reason);
    }
    try {
      channel.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  boolean alive() {
    return broken == null;
  }

  @Override
  public void close() {
    fail(new IOException("the connection to libvirt at %s is closed".formatted(name)));
  }
}
