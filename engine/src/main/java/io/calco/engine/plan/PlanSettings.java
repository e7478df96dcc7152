package io.calco.engine.plan;

import io.calco.engine.repository.RepositoryOptions;
import java.time.InstantSource;
import java.util.Optional;

/// What plans are run with.
///
/// @param clock says what time it is
/// @param repositories how repositories are used, but for the rate, which the plan says
/// @param mail the server that sends mail; empty for none
public record PlanSettings(
    InstantSource clock, RepositoryOptions repositories, Optional<MailServer> mail) {

  /// The system's clock; no mail.
  public static PlanSettings defaults() {
    return new PlanSettings(InstantSource.system(), RepositoryOptions.defaults(), Optional.empty());
  }

  /// The same with another clock.
  public PlanSettings withClock(InstantSource other) {
    return new PlanSettings(other, repositories, mail);
  }

  /// The same with mail by a server, if there is one.
  public PlanSettings withMail(Optional<MailServer> other) {
    return new PlanSettings(clock, repositories, other);
  }
}
