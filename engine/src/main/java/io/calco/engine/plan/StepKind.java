package io.calco.engine.plan;

import java.util.Locale;

/// What a step of a run does.
public enum StepKind {
  /// Makes a point of a source.
  BACKUP,
  /// Copies points to another repository.
  COPY,
  /// Forgets what the rule does not keep.
  FORGET,
  /// Frees the space of that.
  PRUNE,
  /// Reads a share of what is stored.
  VERIFY,
  /// Tries a restore.
  TEST,
  /// Looks at what is there now.
  LOOK,
  /// Tells of the run.
  NOTIFY;

  /// As it is written.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
