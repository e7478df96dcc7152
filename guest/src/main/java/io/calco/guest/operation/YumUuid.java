package io.calco.guest.operation;

/// Remove yum's identifier of the machine.
final class YumUuid extends Removal {
  YumUuid() {
    super(
        "yum-uuid",
        Default.ON,
        "Remove yum's identifier of the machine",
        What.FILES,
        "/var/lib/yum/uuid");
  }
}
