package io.calco.guest.personalise;

import io.calco.disk.JobContext;
import io.calco.guest.Change;
import io.calco.guest.ChangeApplier;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.List;

/// All that personalising a clone will do.
///
/// @param identity who it will be
/// @param changes in their order; some hold private keys
/// @param notes sentences for a person
public record PersonalisationPlan(
    CloneIdentity identity, List<Change> changes, List<String> notes) {
  /// Copies the lists.
  public PersonalisationPlan {
    changes = List.copyOf(changes);
    notes = List.copyOf(notes);
  }

  /// Makes the changes in the tree that they were planned on, and has them durable.
  public void apply(GuestTree tree, JobContext job) throws IOException {
    new ChangeApplier(tree, job).apply(changes);
  }
}
