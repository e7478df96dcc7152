package io.calco.engine.identity;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// People who log in with a name and a password, and go on with the token that they got. Whoever
/// knows the accounts implements it: [EmbeddedSessions], or an external Keystone
/// ([KeystoneSessions]).
///
/// Thread rule: safe for several threads.
public interface Sessions extends Callers {

  /// What someone types.
  ///
  /// @param name the user's
  /// @param password theirs
  /// @param domain of the user, where there are several; empty for the usual one
  record Typed(String name, String password, String domain) {
    @Override
    public String toString() {
      return "Typed[" + name + "]";
    }
  }

  /// What comes of a login.
  sealed interface Start {
    /// A session.
    ///
    /// @param token its bearer is the user; kept nowhere
    record Begun(String token) implements Start {
      @Override
      public String toString() {
        return "Begun";
      }
    }

    /// Wrong name or password; it is not told which.
    record Refused() implements Start {}

    /// There were too many wrong ones.
    ///
    /// @param retryAfter how long to wait
    record TooMany(Duration retryAfter) implements Start {}
  }

  /// Begins a session: in the only project that the user has, or the usual one of several; without
  /// a project when that cannot be told.
  ///
  /// @param address where the login comes from, to limit wrong ones
  Start begin(Typed typed, String address) throws IOException;

  /// The domain of users who state none; empty where there are no domains to choose from.
  Optional<String> usualDomain();

  /// The projects that a session's user may work in, by name.
  List<Caller.Scope> projects(String token) throws IOException;

  /// Goes on in another project; the session's token is another from here on.
  ///
  /// @return empty when the user may not work there, or the session has ended
  Optional<String> enter(String token, String projectId) throws IOException;

  /// Ends a session; its token is no longer valid.
  void end(String token) throws IOException;
}
