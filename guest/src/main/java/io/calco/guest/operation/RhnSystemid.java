package io.calco.guest.operation;

import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import java.io.IOException;

/// Remove the machine's identifier in Red Hat Network.
final class RhnSystemid extends Removal {
  RhnSystemid() {
    super(
        "rhn-systemid",
        Default.ON,
        "Remove the machine's identifier in Red Hat Network",
        What.FILES,
        "/etc/sysconfig/rhn/systemid",
        "/etc/sysconfig/rhn/osad-auth.conf");
  }

  @Override
  public boolean applies(GuestTree tree) throws IOException {
    return OsRelease.of(tree).family() == OsRelease.Family.RED_HAT;
  }
}
