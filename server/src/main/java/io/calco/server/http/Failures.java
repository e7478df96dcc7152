package io.calco.server.http;

import io.calco.engine.OperationException;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.io.EofException;

/// What a client is told of a failure: as OpenStack's clients read it, unless a feature answers in
/// another way what [#judge] says.
public final class Failures {
  private static final Logger LOG = System.getLogger(Failures.class.getName());

  private Failures() {}

  static void answer(Exception failure, Context request) {
    ApiException told = judge(failure, request);
    if (request.res().isCommitted()) {
      return; // the failure came amid an answer: all that can be done is to end it early
    }
    told.headers().forEach(request::header);
    Json.answer(request, told.status(), body(told));
  }

  /// What the client may know of a failure. A fault of our own is logged here.
  public static ApiException judge(Exception failure, Context request) {
    return switch (failure) {
      case ApiException refusal -> refusal;
      case EofException _ -> // of the connection, never of a file
          new ApiException(HttpStatus.BAD_REQUEST, "The content ended early.");
      case HttpResponseException unrouted -> {
        HttpStatus status = HttpStatus.forStatus(unrouted.getStatus());
        String allowed = unrouted.getDetails().get("availableMethods"); // with 405
        yield new ApiException(
            status,
            message(status, unrouted),
            allowed == null ? Map.of() : Map.of("Allow", allowed));
      }
      case Exception other -> judge(OperationException.of(other), other, request);
    };
  }

  private static String message(HttpStatus status, HttpResponseException failure) {
    return switch (status) {
      case NOT_FOUND -> "The resource could not be found.";
      case METHOD_NOT_ALLOWED -> "The method is not allowed for this resource.";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static ApiException judge(OperationException told, Exception failure, Context request) {
    HttpStatus status = status(told.kind());
    if (status != HttpStatus.INTERNAL_SERVER_ERROR) {
      return new ApiException(status, String.valueOf(told.getMessage()));
    }
    // What failed inside may name files of this host: that is for its operator.
    LOG.log(
        Level.ERROR,
        () ->
            "%s: %s %s failed: %s"
                .formatted(
                    Exchange.of(request).id(), request.method(), request.path(), told.getMessage()),
        failure);
    return new ApiException(status, "The server failed; its log tells why.");
  }

  private static HttpStatus status(OperationException.Kind kind) {
    return switch (kind) {
      case USAGE, CORRUPT, UNSUPPORTED -> HttpStatus.BAD_REQUEST;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case REFUSED -> HttpStatus.CONFLICT;
      case DENIED -> HttpStatus.FORBIDDEN;
      case LIMIT -> HttpStatus.CONTENT_TOO_LARGE;
      case CANCELLED, BUSY -> HttpStatus.SERVICE_UNAVAILABLE;
      case SYSTEM, INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  /// The body of an answer that is a failure.
  static Map<String, Object> body(ApiException told) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", told.status().getCode());
    error.put("title", told.status().getMessage());
    error.put("message", told.getMessage());
    return Map.of("error", error);
  }
}
