package io.calco.engine.identity;

import java.time.Duration;

/// What comes of a [Login].
public sealed interface LoginResult {
  /// A token.
  ///
  /// @param token what its bearer sends; kept nowhere
  record Granted(String token, TokenFacts facts) implements LoginResult {
    @Override
    public String toString() {
      return "Granted[" + facts + "]";
    }
  }

  /// None: wrong name, password or project. It is not told which.
  record Refused() implements LoginResult {}

  /// None, and none before some time has passed: there were too many wrong ones.
  record TooMany(Duration retryAfter) implements LoginResult {}
}
