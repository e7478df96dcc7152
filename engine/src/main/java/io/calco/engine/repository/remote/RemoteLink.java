package io.calco.engine.repository.remote;

import io.calco.disk.RateLimit;
import io.calco.engine.PemFiles;
import io.calco.engine.repository.remote.Arrival.Body;
import io.calco.store.backend.Content;
import io.calco.store.backend.ServerText;
import io.calco.store.backend.TransientBackendException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests to one server, each with a token and a deadline.
///
/// Thread rule: safe for several threads at once.
final class RemoteLink implements AutoCloseable {
  private static final Duration CONNECTING = Duration.ofSeconds(15);
  private static final int UNAUTHORIZED = 401;
  private static final int NOWHERE = 404;
  private static final int PAST_THE_END = 416;

  /// Of what is answered to a login nothing but a header is of use.
  private static final int LOGIN_MAX = 64 << 10;

  /// Ours: a token's letters, as [io.calco.engine.identity.Keystone] takes them.
  private static final String TOKEN = "[A-Za-z0-9._~+/=-]{1,8192}";

  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final RemotePlace place;
  private final RemoteLogin login;
  private final RateLimit rate;
  private final Duration answering;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final ReentrantLock renewing = new ReentrantLock();
  private volatile String token = "";

  /// @param answering how long a call may take that moves nothing
  RemoteLink(RemotePlace place, RemoteLogin login, RateLimit rate, Duration answering)
      throws IOException {
    this.place = place;
    this.login = login;
    this.rate = rate;
    this.answering = answering;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECTING)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads);
    if (place.authorities().isPresent()) {
      builder.sslContext(
          PemFiles.context(
              Optional.empty(), Optional.of(PemFiles.trusted(place.authorities().get()))));
    }
    this.client = builder.build();
  }

  /// An answer that says that something was done.
  record Answer(HttpHeaders headers, Body body) {}

  /// Asks for something, and for a new token when the one that there is is no longer taken.
  ///
  /// @param where what it is about, for messages
  /// @param bytes how many pass, for the deadline
  /// @param room as for [Arrival]
  Answer ask(
      String where, HttpRequest.Builder request, long bytes, LongFunction<MemorySegment> room)
      throws IOException {
    String used = token(where, "");
    HttpResponse<Body> answer = send(where, with(used, request), bytes, room);
    if (answer.statusCode() == UNAUTHORIZED) {
      answer = send(where, with(token(where, used), request), bytes, room);
    }
    if (answer.statusCode() / 100 != 2) {
      throw told(where, answer);
    }
    return new Answer(answer.headers(), answer.body());
  }

  private static HttpRequest with(String token, HttpRequest.Builder request) {
    return request.copy().header("X-Auth-Token", token).build();
  }

  /// A token that is not the one that was refused.
  private String token(String where, String refused) throws IOException {
    String known = token;
    if (!known.equals(refused)) {
      return known;
    }
    renewing.lock();
    try {
      if (token.equals(refused)) {
        token = fresh(where);
      }
      return token;
    } finally {
      renewing.unlock();
    }
  }

  private String fresh(String where) throws IOException {
    URI identity = login.identity().orElseGet(() -> URI.create(place.server() + "/identity/v3"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(identity + "/auth/tokens"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(login.auth())))
            .build();
    HttpResponse<Body> answer =
        send(where, request, 0, _ -> MemorySegment.ofArray(new byte[LOGIN_MAX]));
    if (answer.statusCode() == UNAUTHORIZED) {
      throw new AccessDeniedException(
          place.toString(), null, "the server refuses the login of " + login.who());
    }
    if (answer.statusCode() == NOWHERE) {
      throw new AccessDeniedException(
          place.toString(),
          null,
          "nobody logs in at %s; OS_AUTH_URL names the identity that the server asks"
              .formatted(identity));
    }
    if (answer.statusCode() / 100 != 2) {
      throw told(where, answer);
    }
    String got = answer.headers().firstValue("X-Subject-Token").orElse("");
    if (!got.matches(TOKEN)) {
      throw wrong(where, "a login without a token");
    }
    return got;
  }

  private HttpResponse<Body> send(
      String where, HttpRequest request, long bytes, LongFunction<MemorySegment> room)
      throws IOException {
    Duration patience = answering.plus(Content.patience(bytes, rate)).minus(Content.ANSWERING);
    CompletableFuture<HttpResponse<Body>> sent =
        client.sendAsync(request, Arrival.into(room, rate));
    try {
      return sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw new TransientBackendException(
          where, "the server has not answered for %d s".formatted(patience.toSeconds()), e);
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a server was asked");
    } catch (ExecutionException e) {
      throw failed(where, e.getCause() == null ? e : e.getCause());
    }
  }

  private static IOException failed(String where, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case InterruptedIOException interrupted -> {
          return interrupted;
        }
        case CertificateException untrusted -> {
          return new FileSystemException(
              where,
              null,
              "the server's certificate is not trusted (%s); ?ca=FILE names those that vouch for it"
                  .formatted(ServerText.line(untrusted.getMessage())));
        }
        case UnresolvedAddressException nameless -> {
          return new TransientBackendException(where, "there is no address of that name", nameless);
        }
        default -> {}
      }
    }
    if (failure instanceof IOException) {
      String what = failure.getMessage() == null ? failure.toString() : failure.getMessage();
      return new TransientBackendException(
          where, "the connection failed: " + ServerText.line(what), failure);
    }
    return new IOException(where + ": " + ServerText.line(failure.toString()), failure);
  }

  /// A failure, as the server tells it.
  private static IOException told(String where, HttpResponse<Body> answer) {
    int status = answer.statusCode();
    String message = message(answer.body());
    String said = "the server refuses it: %s (status %d)".formatted(message, status);
    return switch (status) {
      case NOWHERE -> new NoSuchFileException(where, null, message.isEmpty() ? null : message);
      case UNAUTHORIZED, 403 -> new AccessDeniedException(where, null, said);
      case PAST_THE_END -> new EOFException(where + ": ends before what was asked for");
      case 408, 429, 500, 502, 503, 504 ->
          new TransientBackendException(
              where, "the server cannot do it now (status %d)".formatted(status));
      default -> new FileSystemException(where, null, said);
    };
  }

  private static String message(Body body) {
    byte[] text = body.bytes().asSlice(0, body.length()).toArray(ValueLayout.JAVA_BYTE);
    try {
      JsonNode error = MAPPER.readTree(text).path("error").path("message");
      return ServerText.line(error.asString(""));
    } catch (JacksonException e) {
      return "";
    }
  }

  /// An answer that no server that works gives.
  static FileSystemException wrong(String where, String what) {
    return new FileSystemException(where, null, "the server answers wrongly: " + what);
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
    threads.close();
  }
}
