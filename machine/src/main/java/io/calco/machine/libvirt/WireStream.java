package io.calco.machine.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Bytes that go with a question, in both directions: a console, a picture. What libvirt sends is
/// held up to [#HELD_MAX]; beyond that the connection waits until it is read. One thread may read
/// while another writes.
final class WireStream implements AutoCloseable {
  private static final int HELD_MAX = 4 << 20; // ours
  private static final int PACKET_MAX = 1 << 16; // ours; libvirt takes 256 KiB

  private final Wire wire;
  private final Procedure procedure;
  private final Deque<ByteBuffer> packets = new ArrayDeque<>();
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();
  private int serial;
  private long held;
  private boolean complete;
  private boolean closed;
  private @Nullable IOException failure;

  WireStream(Wire wire, Procedure procedure) {
    this.wire = wire;
    this.procedure = procedure;
  }

  void begin(int number) {
    serial = number;
  }

  int serial() {
    return serial;
  }

  Procedure procedure() {
    return procedure;
  }

  /// What libvirt sent; nothing means that there is no more.
  synchronized void feed(byte[] data) throws InterruptedException {
    while (held > HELD_MAX && !closed && failure == null) {
      wait();
    }
    if (data.length == 0) {
      complete = true;
    } else if (!closed) {
      packets.add(ByteBuffer.wrap(data));
      held += data.length;
    }
    notifyAll();
  }

  /// libvirt's last word.
  synchronized void ended(@Nullable IOException reason) {
    complete = true;
    failure = reason;
    if (reason == null) {
      end.complete(true);
    } else {
      end.completeExceptionally(reason);
    }
    notifyAll();
  }

  /// Waits for bytes.
  ///
  /// @return how many; -1 at the end
  /// @throws IOException when the stream broke
  synchronized int read(byte[] into, int offset, int length) throws IOException {
    try {
      while (packets.isEmpty() && !complete && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException();
    }
    ByteBuffer packet = packets.peek();
    if (packet == null) {
      if (failure != null && !closed) {
        throw failure;
      }
      return -1;
    }
    int count = Math.min(length, packet.remaining());
    packet.get(into, offset, count);
    if (!packet.hasRemaining()) {
      packets.remove();
    }
    held -= count;
    notifyAll();
    return count;
  }

  /// Sends bytes.
  void write(byte[] from, int offset, int length) throws IOException {
    for (int done = 0; done < length; done += PACKET_MAX) {
      int count = Math.min(PACKET_MAX, length - done);
      wire.sendData(this, ByteBuffer.wrap(from, offset + done, count));
    }
  }

  /// Ends it when all was read, and waits until libvirt says that all was well.
  void finish() throws IOException {
    wire.sendEnd(this);
    wire.await(procedure, end);
  }

  @Override
  public void close() throws IOException {
    boolean over;
    synchronized (this) {
      over = closed || end.isDone();
      closed = true;
      packets.clear();
      notifyAll();
    }
    if (!over) {
      wire.sendAbort(this);
    }
  }
}
