package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.OsRelease;
import java.io.IOException;

/// Takes the iSCSI initiator's name away: Debian's service makes one where the file asks for it,
/// the others' where there is none.
final class IscsiInitiator extends Operation {
  private static final String FILE = "/etc/iscsi/initiatorname.iscsi";

  IscsiInitiator() {
    super("iscsi-initiator", Default.ON, "Have the guest make a new iSCSI initiator name");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    if (OsRelease.of(draft.tree()).family() == OsRelease.Family.DEBIAN) {
      draft.edit(FILE, _ -> "GenerateName=yes\n");
    } else {
      draft.remove(FILE);
    }
  }
}
