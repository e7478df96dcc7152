package io.calco.guest.operation;

/// Remove a Salt minion's name and keys.
final class SaltMinion extends Removal {
  SaltMinion() {
    super(
        "salt-minion",
        Default.ON,
        "Remove a Salt minion's name and keys",
        What.FILES,
        "/etc/salt/minion_id",
        "/etc/salt/pki/minion/*");
  }
}
