package io.calco.cli;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Numbers that may be missing, as JSON takes them.
final class Boxed {
  private Boxed() {}

  static Optional<Long> of(OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  static Optional<Integer> of(OptionalInt value) {
    return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
  }
}
