package io.calco.testkit;

import org.opentest4j.TestAbortedException;

/// What to do about something that a test needs and this machine does not have.
final class Missing {
  private Missing() {}

  /// For what `./test` installs: skips the test, and with `CI=true` fails it.
  static RuntimeException required(String what) {
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError(what + ", and CI=true requires it");
    }
    throw optional(what);
  }

  /// For what no machine has to have: skips the test.
  static TestAbortedException optional(String what) {
    return new TestAbortedException("skipped: " + what);
  }
}
