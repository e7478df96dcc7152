package io.calco.store.s3;

import java.time.Duration;
import java.util.List;

/// How objects are locked that a store keeps: nobody may delete or replace such a version of one
/// before its time, by the service's own rule.
///
/// @param mode who may lift it
/// @param retention how long, from when it is put or was last looked at; more than nothing
public record ObjectLock(Mode mode, Duration retention) {
  /// What the store puts for a while, and replaces or deletes itself.
  private static final List<String> PASSING = List.of("sessions/", "ended/", "condemned/");

  /// Checks the time.
  public ObjectLock {
    if (!retention.isPositive()) {
      throw new IllegalArgumentException("a lock lasts");
    }
  }

  /// Who may lift a lock.
  public enum Mode {
    /// Nobody.
    COMPLIANCE,
    /// Whoever has the right to (`s3:BypassGovernanceRetention`).
    GOVERNANCE
  }

  /// True for what stays in a store.
  static boolean isLasting(String name) {
    return PASSING.stream().noneMatch(name::startsWith);
  }
}
