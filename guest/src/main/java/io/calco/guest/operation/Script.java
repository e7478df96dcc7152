package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import java.util.Optional;

/// Would run programs of the host on the guest's files.
final class Script extends Operation {
  Script() {
    super(
        "script", Default.ON, "Run the host's scripts on the guest's files (refused if asked for)");
  }

  @Override
  public boolean applies(GuestTree tree) {
    return false;
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.of(
        "Calco does not mount guests for the host's programs: give clones a script of their own to"
            + " run at first boot, or copy files in");
  }

  @Override
  public void plan(Draft draft, Settings settings) {}
}
