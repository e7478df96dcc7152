package io.calco.engine.jobs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a job does.
public enum JobKind {
  /// Makes a template, or its next version.
  TEMPLATE_CREATE,
  /// Deletes a template.
  TEMPLATE_DELETE,
  /// Makes clones.
  CLONE_CREATE,
  /// Takes a clone back to its first state.
  CLONE_RESET,
  /// Makes a clone independent of its template.
  CLONE_FLATTEN,
  /// Makes machines.
  MACHINE_CREATE,
  /// Starts the machines of a class.
  CLASS_START,
  /// Stops them.
  CLASS_STOP,
  /// Takes the clones of a class back to their first state.
  CLASS_RESET,
  /// Collects the store's garbage.
  STORE_COLLECT,
  /// Verifies the store.
  STORE_VERIFY,
  /// Makes a restore point.
  BACKUP_CREATE,
  /// Makes a restore point an image of the catalogue.
  BACKUP_IMAGE,
  /// Writes a restore point to a disk or a file.
  BACKUP_RESTORE,
  /// Verifies a repository.
  BACKUP_VERIFY,
  /// Gives back the room of forgotten restore points.
  BACKUP_PRUNE,
  /// Runs a plan of backups.
  PLAN_RUN;

  /// As it is written: `template-create`.
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The kind that is written so.
  public static Optional<JobKind> find(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst();
  }
}
