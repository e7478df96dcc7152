package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// Long work of a server, as it is recorded.
///
/// @param id never comes again
/// @param kind what is done, as its maker calls it
/// @param subject what it is done to: a name, for a person
/// @param state how far it is
/// @param userId who asked for it
/// @param userName the same, as they were called then
/// @param projectId within which project; empty for none
/// @param result what came of it, as its maker writes it; empty before
/// @param message why it failed; empty otherwise
/// @param createdAt when it was asked for
/// @param begunAt when it began
/// @param endedAt when it ended, in whatever way
public record BackgroundJob(
    String id,
    String kind,
    String subject,
    State state,
    String userId,
    String userName,
    String projectId,
    String result,
    String message,
    Instant createdAt,
    Optional<Instant> begunAt,
    Optional<Instant> endedAt) {

  /// How far a job is.
  public enum State {
    /// Others run before it.
    WAITING,
    /// It runs.
    RUNNING,
    /// It is done.
    DONE,
    /// It failed; what it had made is gone.
    FAILED,
    /// Somebody stopped it; what it had made is gone.
    CANCELLED,
    /// Its server ended before it did.
    INTERRUPTED;

    /// As it is written.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// True when nothing more comes of it.
    public boolean ended() {
      return this != WAITING && this != RUNNING;
    }

    static State of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /// The same, running since a moment.
  BackgroundJob begun(Instant now) {
    return new BackgroundJob(
        id,
        kind,
        subject,
        State.RUNNING,
        userId,
        userName,
        projectId,
        result,
        message,
        createdAt,
        Optional.of(now),
        endedAt);
  }

  /// The same, ended at a moment.
  BackgroundJob ended(State how, String what, String why, Instant now) {
    return new BackgroundJob(
        id,
        kind,
        subject,
        how,
        userId,
        userName,
        projectId,
        what,
        why,
        createdAt,
        begunAt,
        Optional.of(now));
  }
}
