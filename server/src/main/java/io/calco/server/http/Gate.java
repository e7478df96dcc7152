package io.calco.server.http;

import io.javalin.http.HttpStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// What every request passes first. It gets an id; it is refused when its client asks too often, or
/// when the server is being stopped; and it is counted, for stopping to wait for it.
///
/// Thread rule: safe.
final class Gate extends Handler.Wrapper {
  /// Seconds after which a client that is refused while stopping may find the next server.
  private static final String RETRY_AFTER = "5";

  private final Optional<RequestLimit> limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private int running;
  private volatile boolean draining;

  Gate(Optional<RequestLimit> limit) {
    this.limit = limit;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Exchange exchange = Exchange.begin(request, this::end);
    HttpFields.Mutable headers = response.getHeaders();
    headers.put("x-openstack-request-id", exchange.id());
    headers.put("X-Content-Type-Options", "nosniff");
    boolean watched = String.valueOf(request.getHttpURI().getPath()).startsWith("/healthz");
    if (limit.isPresent() && !watched) {
      String client = RequestLimit.client(Request.getRemoteAddr(request));
      Optional<Duration> wait = limit.get().take(client);
      if (wait.isPresent()) {
        headers.put(HttpHeader.RETRY_AFTER, wait.get().toSeconds() + 1);
        refuse(response, callback, HttpStatus.TOO_MANY_REQUESTS, "There were too many requests.");
        return true;
      }
    }
    if (draining && !watched) {
      headers.put(HttpHeader.RETRY_AFTER, RETRY_AFTER);
      headers.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
      refuse(response, callback, HttpStatus.SERVICE_UNAVAILABLE, "The server is being stopped.");
      return true;
    }
    begin();
    Request.addCompletionListener(request, failure -> exchange.end());
    // Earlier, where it was answered and still sends: nobody need wait for that.
    return super.handle(request, response, Callback.from(exchange::end, callback));
  }

  private static void refuse(
      Response response, Callback callback, HttpStatus status, String message) {
    String body = Json.text(Failures.body(new ApiException(status, message)));
    response.setStatus(status.getCode());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
  }

  private void begin() {
    lock.lock();
    try {
      running++;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether new requests are refused.
  boolean isDraining() {
    return draining;
  }

  /// Refuses new requests, and waits for those that run.
  ///
  /// @param atMost how long
  /// @return how many still ran then
  int drain(Duration atMost) {
    draining = true;
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (running > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return running;
  }
}
