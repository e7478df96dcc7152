package io.calco.cli;

import io.calco.engine.OperationException;

/// The exit codes, documented in `docs/guide/scripts.md`. `disk check` has qemu-img's own instead.
final class ExitCode {
  static final int DONE = 0;

  /// Carried out, and the answer is no: a difference, a broken seal, a finding.
  static final int NO = 1;

  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int REFUSED = 4;
  static final int CORRUPT = 5;
  static final int DENIED = 6;
  static final int UNSUPPORTED = 7;
  static final int SYSTEM = 8;
  static final int INTERNAL = 9;
  static final int CANCELLED = 130;

  private ExitCode() {}

  static int of(OperationException.Kind kind) {
    return switch (kind) {
      case USAGE -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case REFUSED, LIMIT, BUSY -> REFUSED;
      case CORRUPT -> CORRUPT;
      case DENIED -> DENIED;
      case UNSUPPORTED -> UNSUPPORTED;
      case SYSTEM -> SYSTEM;
      case CANCELLED -> CANCELLED;
      case INTERNAL -> INTERNAL;
    };
  }
}
