package io.calco.machine;

import java.time.Duration;

/// How a boot is tried.
///
/// @param settings what the machine is made of
/// @param expectation what shows that it is up
/// @param timeout how long that may take, 1 second to 1 day
/// @param network what its network card reaches
public record BootPlan(
    MachineSettings settings, Expectation expectation, Duration timeout, Network network) {
  /// What a machine that is tried reaches.
  public enum Network {
    /// Nothing; but the host reaches a port of it where one is waited for.
    ISOLATED,
    /// Whatever the user who runs it reaches.
    OUTWARD
  }

  /// Checks the range.
  public BootPlan {
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("a boot may take 1 second to 1 day");
    }
  }
}
