package io.calco.server.http;

import io.javalin.http.HttpStatus;
import java.util.Map;

/// A request is refused, and the client is told why.
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final transient Map<String, String> headers;

  /// A refusal.
  ///
  /// @param message for a person, complete
  public ApiException(HttpStatus status, String message) {
    this(status, message, Map.of());
  }

  /// A refusal with headers, such as `Retry-After`.
  public ApiException(HttpStatus status, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.headers = Map.copyOf(headers);
  }

  /// The answer's status.
  public HttpStatus status() {
    return status;
  }

  /// The answer's headers.
  public Map<String, String> headers() {
    return headers;
  }
}
