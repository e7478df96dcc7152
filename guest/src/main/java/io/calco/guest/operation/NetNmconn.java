package io.calco.guest.operation;

import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import java.io.IOException;

/// Remove NetworkManager connections of this machine (Red Hat).
final class NetNmconn extends Removal {
  NetNmconn() {
    super(
        "net-nmconn",
        Default.ON,
        "Remove NetworkManager connections of this machine (Red Hat)",
        What.FILES,
        "/etc/NetworkManager/system-connections/*.nmconnection");
  }

  @Override
  public boolean applies(GuestTree tree) throws IOException {
    return OsRelease.of(tree).family() == OsRelease.Family.RED_HAT;
  }
}
