package io.calco.server.identity;

import io.calco.engine.identity.Caller;
import io.calco.engine.identity.TokenFacts;
import io.calco.engine.identity.Tokens;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;

/// Who asks, and whether they may.
final class Access {
  private final Authentication authentication;
  private final Tokens tokens;

  Access(Authentication authentication, Tokens tokens) {
    this.authentication = authentication;
    this.tokens = tokens;
  }

  /// Whoever has a valid token.
  Caller anyone(Context request) throws IOException {
    return authentication.caller(request);
  }

  /// An administrator.
  Caller admin(Context request) throws IOException {
    Caller caller = anyone(request);
    if (!caller.isAdmin()) {
      throw forbidden();
    }
    return caller;
  }

  /// That user, or an administrator.
  Caller userOrAdmin(Context request, String userId) throws IOException {
    Caller caller = anyone(request);
    if (!caller.userId().equals(userId) && !caller.isAdmin()) {
      throw forbidden();
    }
    return caller;
  }

  /// All about the token of the request.
  TokenFacts token(Context request) throws IOException {
    anyone(request);
    String token = String.valueOf(request.header(Authentication.HEADER));
    return tokens.facts(token).orElseThrow(Access::forbidden); // revoked this very moment
  }

  static ApiException forbidden() {
    return new ApiException(
        HttpStatus.FORBIDDEN, "You are not authorized to perform the requested action.");
  }

  static ApiException notFound(String what, String id) {
    return new ApiException(HttpStatus.NOT_FOUND, "Could not find %s: %s.".formatted(what, id));
  }
}
