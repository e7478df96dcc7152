package io.calco.server.web;

import io.calco.engine.OperationException;
import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;

/// A websocket (RFC 6455) whose binary messages are the bytes of a channel, in both directions. Why
/// it ends stands in the message that closes it. Whoever is slow is waited for: nothing is held but
/// one message each way.
///
/// Thread rule: safe; opened, fed and closed by the server's threads.
final class SocketBridge {
  private static final Logger LOG = System.getLogger(SocketBridge.class.getName());

  /// Ours: what is sent at a time.
  private static final int PIECE = 32 << 10;

  /// What a closing message has room for (RFC 6455, section 5.5, less the status).
  private static final int REASON_MAX = 120;

  /// How often it is asked whether the other end and the login are still there.
  private static final Duration LOOKED_AFTER = Duration.ofSeconds(5);

  private final PageRoutes.Opening opening;
  private final BooleanSupplier login;
  private final Duration idle;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable ByteChannel channel;
  private volatile long heard = System.nanoTime();

  /// @param opening opens the channel
  /// @param login whether who opened it is still logged in
  /// @param idle after which time without a message from the browser it is closed
  SocketBridge(PageRoutes.Opening opening, BooleanSupplier login, Duration idle) {
    this.opening = opening;
    this.login = login;
    this.idle = idle;
  }

  /// The websocket is there.
  void opened(WsContext socket) {
    Session session = socket.session;
    try {
      ByteChannel opened = opening.open();
      channel = opened;
      if (ended.getCount() == 0) { // it went meanwhile
        opened.close();
        return;
      }
      Thread.ofVirtual().name("socket-out").start(() -> pump(opened, session));
      Thread.ofVirtual().name("socket-watch").start(() -> watch(session));
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      if (told.kind() == OperationException.Kind.INTERNAL) {
        LOG.log(Level.ERROR, "a websocket's channel could not be opened", e);
      }
      close(session, StatusCode.TRY_AGAIN_LATER, String.valueOf(told.getMessage()));
    }
  }

  private void pump(ByteChannel from, Session session) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    try {
      while (from.read(piece) >= 0) {
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        session.sendBinary(
            piece.flip(), Callback.from(() -> sent.complete(true), sent::completeExceptionally));
        sent.join();
        piece.clear();
      }
      close(session, StatusCode.NORMAL, "ended");
    } catch (CompletionException gone) {
      close(session, StatusCode.NORMAL, "gone"); // the browser has left
    } catch (IOException e) {
      close(session, StatusCode.NORMAL, "ended");
      LOG.log(Level.DEBUG, "a websocket's channel broke", e);
    }
  }

  private void watch(Session session) {
    try {
      while (!ended.await(LOOKED_AFTER.toSeconds(), TimeUnit.SECONDS)) {
        if (System.nanoTime() - heard > idle.toNanos()) {
          close(session, StatusCode.POLICY_VIOLATION, "idle");
        } else if (!login.getAsBoolean()) {
          close(session, StatusCode.POLICY_VIOLATION, "logout");
        } else {
          session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The browser has sent something; returns when the channel has taken it.
  void received(WsContext socket, ByteBuffer data) {
    heard = System.nanoTime();
    ByteChannel to = channel;
    if (to == null) {
      return; // it could not be opened, and the browser is being told
    }
    try {
      while (data.hasRemaining()) {
        to.write(data);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a websocket's channel broke", e);
      close(socket.session, StatusCode.NORMAL, "ended");
    }
  }

  /// A message of text, which means nothing.
  void refused(WsContext socket) {
    close(socket.session, StatusCode.BAD_DATA, "text");
  }

  private void close(Session session, int status, String reason) {
    session.close(status, shortened(reason), Callback.NOOP);
    closed();
  }

  private static String shortened(String reason) {
    byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= REASON_MAX) {
      return reason;
    }
    String cut = new String(Arrays.copyOf(bytes, REASON_MAX - 3), StandardCharsets.UTF_8);
    return cut.replaceFirst("\uFFFD$", "") + "…";
  }

  /// The websocket has gone.
  void closed() {
    ended.countDown();
    ByteChannel open = channel;
    if (open == null) {
      return;
    }
    try {
      open.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a websocket's channel was gone already", e);
    }
  }
}
