package io.calco.guest.operation;

/// Remove cloud-init's state, so that it runs as on a new machine. `seed` stays: it is given to the
/// machine, not made by it.
final class CloudInit extends Removal {
  CloudInit() {
    super(
        "cloud-init",
        Default.ON,
        "Remove cloud-init's state, so that it runs as on a new machine",
        What.TREES,
        "/var/lib/cloud/[!s]*",
        "/var/lib/cloud/sem",
        "/run/cloud-init/*");
  }
}
