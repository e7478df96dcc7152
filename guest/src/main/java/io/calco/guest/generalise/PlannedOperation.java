package io.calco.guest.generalise;

import io.calco.guest.Change;
import java.util.List;

/// What one operation will do, or did.
///
/// @param name the operation's
/// @param outcome in one word
/// @param changes in the order in which they are made
/// @param notes sentences for a person: what it could not do, what it means
public record PlannedOperation(
    String name, Outcome outcome, List<Change> changes, List<String> notes) {

  /// How an operation ends; in JSON lower case with hyphens.
  public enum Outcome {
    /// It changes something.
    CHANGES,
    /// The guest has nothing of its kind.
    NOTHING_TO_DO,
    /// The guest is not of the kind it is made for.
    NOT_APPLICABLE,
    /// Calco cannot do it; a note says why.
    NOT_DONE
  }

  /// Copies the lists.
  public PlannedOperation {
    changes = List.copyOf(changes);
    notes = List.copyOf(notes);
  }

  /// How many files, links and directories go.
  public int removed() {
    return (int) changes.stream().filter(c -> c instanceof Change.Remove).count();
  }

  /// How many are emptied, changed or made.
  public int changed() {
    return changes.size() - removed();
  }

  /// Bytes of content that go.
  public long bytesRemoved() {
    return changes.stream().mapToLong(Change::bytesRemoved).sum();
  }
}
