package io.calco.engine.plan;

import io.calco.engine.repository.RepositoryOptions;
import java.time.InstantSource;

/// What plans are run with.
///
/// @param clock says what time it is
/// @param repositories how repositories are used, but for the rate, which the plan says
/// @param test how restores are tried
public record PlanSettings(InstantSource clock, RepositoryOptions repositories, RestoreTrial test) {

  /// The system's clock; a restore is tried by reading.
  public static PlanSettings defaults() {
    return new PlanSettings(
        InstantSource.system(), RepositoryOptions.defaults(), RestoreTrial.reading());
  }

  /// The same with another clock.
  public PlanSettings withClock(InstantSource other) {
    return new PlanSettings(other, repositories, test);
  }

  /// The same with another way to try restores.
  public PlanSettings withTest(RestoreTrial other) {
    return new PlanSettings(clock, repositories, other);
  }
}
