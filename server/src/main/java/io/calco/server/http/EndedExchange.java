package io.calco.server.http;

import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/// A request that was answered, whole or in part.
///
/// @param exchange empty for a request so broken that no handler saw it
/// @param method as it was sent, and bounded by the size of a head only
/// @param path as it was sent, without what follows `?`
/// @param client the address it came from, behind trusted proxies
/// @param status of the answer
/// @param bytesIn of the request's body, as far as it was read
/// @param bytesOut of the answer's body
/// @param took from its first byte to the end of the answer
public record EndedExchange(
    Optional<Exchange> exchange,
    String method,
    String path,
    String client,
    int status,
    long bytesIn,
    long bytesOut,
    Duration took) {

  static EndedExchange of(Request request, Response response) {
    return new EndedExchange(
        Exchange.find(request),
        String.valueOf(request.getMethod()),
        String.valueOf(request.getHttpURI().getPath()),
        String.valueOf(Request.getRemoteAddr(request)),
        response.getStatus(),
        Math.max(0, Request.getContentBytesRead(request)),
        Math.max(0, Response.getContentBytesWritten(response)),
        Duration.ofNanos(Math.max(0, System.nanoTime() - request.getBeginNanoTime())));
  }

  /// Its route; empty when no route answered.
  public String route() {
    return exchange.map(Exchange::route).orElse("");
  }
}
