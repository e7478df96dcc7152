package io.calco.engine.identity;

import java.io.IOException;
import java.util.Optional;

/// Knows who is behind a token.
///
/// Thread rule: safe for several threads.
@FunctionalInterface
public interface Callers {
  /// Who is behind this token; empty when it is not valid: never given, expired, or revoked. Asked
  /// for every request, so the answer for a token that was seen before takes microseconds.
  ///
  /// @param token as a client sent it: any text
  /// @throws IOException when it cannot be told: the database or the other service fails
  Optional<Caller> find(String token) throws IOException;

  /// Who is behind this token, which another service of the cloud passes on with a token of its
  /// own: what a user began may so go on when their token has expired meanwhile. Where there are no
  /// such services, theirs says nothing.
  ///
  /// @param serviceToken as a client sent it: any text
  /// @return empty when either is not valid
  /// @throws IOException when it cannot be told
  default Optional<Caller> find(String token, String serviceToken) throws IOException {
    return find(token);
  }
}
