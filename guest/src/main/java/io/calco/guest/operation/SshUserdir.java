package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.account.Homes;
import java.io.IOException;

/// Removes `.ssh` of root and of people, wherever they live: keys, known hosts, who may log in.
final class SshUserdir extends Operation {
  SshUserdir() {
    super("ssh-userdir", Default.ON, "Remove the .ssh directories of root and of people");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String home : Homes.ofPeople(draft.tree())) {
      draft.remove(home + "/.ssh");
    }
  }
}
