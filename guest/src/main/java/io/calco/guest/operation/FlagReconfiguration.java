package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;

/// Makes `/.unconfigured`, on which older Red Hat systems ask for their settings at boot.
final class FlagReconfiguration extends Operation {
  FlagReconfiguration() {
    super("flag-reconfiguration", Default.OFF, "Have the guest ask for its settings at first boot");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    if (!draft.exists("/.unconfigured")) {
      draft.putText("/.unconfigured", "", 0644);
    }
  }
}
