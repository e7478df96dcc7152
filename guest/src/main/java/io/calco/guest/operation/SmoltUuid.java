package io.calco.guest.operation;

/// Remove the hardware UUID of Smolt.
final class SmoltUuid extends Removal {
  SmoltUuid() {
    super(
        "smolt-uuid",
        Default.ON,
        "Remove the hardware UUID of Smolt",
        What.FILES,
        "/etc/sysconfig/hw-uuid",
        "/etc/smolt/uuid",
        "/etc/smolt/hw-uuid");
  }
}
