package io.calco.guest.operation;

import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import java.io.IOException;

/// Remove Red Hat's subscription of the machine.
final class RhSubscriptionManager extends Removal {
  RhSubscriptionManager() {
    super(
        "rh-subscription-manager",
        Default.ON,
        "Remove Red Hat's subscription of the machine",
        What.TREES,
        "/etc/pki/consumer/*",
        "/etc/pki/entitlement/*");
  }

  @Override
  public boolean applies(GuestTree tree) throws IOException {
    return OsRelease.of(tree).family() == OsRelease.Family.RED_HAT;
  }
}
