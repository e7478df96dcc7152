package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.identity.MachineId;
import java.io.IOException;

/// Empties `/etc/machine-id`, so that every clone makes its own; runs last, so that nothing writes
/// one after it.
final class ClearMachineId extends Operation {
  ClearMachineId() {
    super("machine-id", Default.ON, "Empty the machine-id, systemd's and D-Bus'");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    MachineId.clear(draft);
  }
}
