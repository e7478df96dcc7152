package io.calco.guest.generalise;

import io.calco.disk.JobContext;
import io.calco.guest.Change;
import io.calco.guest.ChangeApplier;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.List;

/// All that generalising a guest will do; once it is applied, all that it did.
///
/// @param operations those that were chosen, in their order
/// @param kept canonical paths that a keep pattern spared
public record GeneralisationPlan(List<PlannedOperation> operations, List<String> kept) {
  /// Copies the lists.
  public GeneralisationPlan {
    operations = List.copyOf(operations);
    kept = List.copyOf(kept);
  }

  /// Every change in order.
  public List<Change> changes() {
    return operations.stream().flatMap(operation -> operation.changes().stream()).toList();
  }

  /// Bytes of content that go.
  public long bytesRemoved() {
    return operations.stream().mapToLong(PlannedOperation::bytesRemoved).sum();
  }

  /// Makes the changes in the tree that they were planned on, and has them durable.
  public void apply(GuestTree tree, JobContext job) throws IOException {
    new ChangeApplier(tree, job).apply(changes());
  }
}
