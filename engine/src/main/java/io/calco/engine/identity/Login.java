package io.calco.engine.identity;

import java.util.Optional;

/// How someone asks for a token.
public sealed interface Login {
  /// Within which project the token is to be.
  Scope scope();

  /// With a name and a password.
  record ByPassword(Named user, String password, Scope scope) implements Login {
    @Override
    public String toString() {
      return "ByPassword[" + user + "]";
    }
  }

  /// With another token, to change the project.
  record ByToken(String token, Scope scope) implements Login {
    @Override
    public String toString() {
      return "ByToken";
    }
  }

  /// With an application credential; its project is the token's.
  ///
  /// @param credential its id; or its name, with its user
  /// @param user whose it is, for a name
  record ByCredential(Named credential, Optional<Named> user, String secret) implements Login {
    @Override
    public Scope scope() {
      return Scope.UNSTATED;
    }

    @Override
    public String toString() {
      return "ByCredential[" + credential + "]";
    }
  }

  /// A thing that is meant.
  sealed interface Named {
    /// By its id.
    record Id(String value) implements Named {}

    /// By its name.
    record Name(String value) implements Named {}
  }

  /// Within which project a token is to be.
  sealed interface Scope {
    /// The user's default project, if there is one.
    Scope UNSTATED = new Unstated();

    /// None.
    Scope NONE = new None();

    /// It was not said.
    record Unstated() implements Scope {}

    /// It was said that it is to be in none.
    record None() implements Scope {}

    /// This one.
    record In(Named project) implements Scope {}
  }
}
