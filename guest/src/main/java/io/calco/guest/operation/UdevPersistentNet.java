package io.calco.guest.operation;

/// Remove the rules that tie network names to MAC addresses.
final class UdevPersistentNet extends Removal {
  UdevPersistentNet() {
    super(
        "udev-persistent-net",
        Default.ON,
        "Remove the rules that tie network names to MAC addresses",
        What.FILES,
        "/etc/udev/rules.d/70-persistent-net.rules");
  }
}
