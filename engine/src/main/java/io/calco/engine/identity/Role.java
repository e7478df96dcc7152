package io.calco.engine.identity;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a user may do in a project. Each implies those below it.
public enum Role {
  /// May do all, in every project.
  ADMIN,
  /// May change what is the project's.
  MEMBER,
  /// May look at what is the project's.
  READER;

  /// As it is written: `admin`, `member`, `reader`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The role that is written so.
  public static Optional<Role> find(String text) {
    return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
  }

  /// The role that a user wrote.
  ///
  /// @throws OperationException of kind USAGE when there is none
  public static Role parse(String text) {
    return find(text)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE, "there is no role %s".formatted(text), "admin, member or reader"));
  }

  /// These roles, and those that they imply.
  static Set<String> withImplied(Set<String> roles) {
    Set<String> all = new HashSet<>(roles);
    boolean implied = false;
    for (Role role : values()) {
      implied |= roles.contains(role.text());
      if (implied) {
        all.add(role.text());
      }
    }
    return all;
  }
}
