package io.calco.guest.operation;

/// Remove the RPM database's files of this machine alone.
final class RpmDb extends Removal {
  RpmDb() {
    super(
        "rpm-db",
        Default.ON,
        "Remove the RPM database's files of this machine alone",
        What.FILES,
        "/var/lib/rpm/__db.*");
  }
}
