package io.calco.server.http;

import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Callers;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Who is behind a request, by its header `X-Auth-Token`; where another service of the cloud passes
/// a user's request on, by its own `X-Service-Token` too.
///
/// Thread rule: safe for several threads.
public final class Authentication {
  /// The header that carries the token.
  public static final String HEADER = "X-Auth-Token";

  private static final String SERVICE_HEADER = "X-Service-Token";

  private final Callers callers;
  private final Optional<String> keystone;

  /// Asks those who know.
  ///
  /// @param keystone where clients get their tokens, as an absolute address; empty for the embedded
  ///   identity, which is at [Addresses#IDENTITY] of the address that they used
  public Authentication(Callers callers, Optional<String> keystone) {
    this.callers = callers;
    this.keystone = keystone;
  }

  /// The caller.
  ///
  /// @throws ApiException 401 when there is no token, or it is not valid; the answer says where to
  ///   get one
  public Caller caller(Context request) throws IOException {
    return find(request).orElseThrow(() -> unauthorized(request));
  }

  /// The caller when they have a role in a project, or are admin.
  ///
  /// @throws ApiException 401 as [#caller], 403 without the role
  public Caller caller(Context request, String role) throws IOException {
    Caller caller = caller(request);
    if (!caller.has(role) && !caller.isAdmin()) {
      throw new ApiException(
          HttpStatus.FORBIDDEN, "You are not authorized: this needs the role %s.".formatted(role));
    }
    return caller;
  }

  /// The caller, for what is open to everyone.
  public Optional<Caller> find(Context request) throws IOException {
    String token = request.header(HEADER);
    String service = request.header(SERVICE_HEADER);
    Optional<Caller> found =
        token == null
            ? Optional.empty()
            : service == null ? callers.find(token) : callers.find(token, service.strip());
    found.ifPresent(caller -> Exchange.of(request).caller(caller.userId(), caller.projectId()));
    return found.map(caller -> caller.from(request.ip()));
  }

  private ApiException unauthorized(Context request) {
    String where = keystone.orElseGet(() -> Addresses.base(request) + Addresses.IDENTITY);
    return new ApiException(
        HttpStatus.UNAUTHORIZED,
        "The request you have made requires authentication.",
        Map.of("WWW-Authenticate", "Keystone uri=\"%s\"".formatted(where)));
  }
}
