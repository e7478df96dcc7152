package io.calco.guest.operation;

/// Remove core dumps of programs.
final class CoreDumps extends Removal {
  CoreDumps() {
    super(
        "core-dumps",
        Default.ON,
        "Remove core dumps of programs",
        What.TREES,
        "/var/lib/systemd/coredump/*",
        "/var/lib/apport/coredump/*",
        "/var/lib/systemd/pstore/*",
        "/core",
        "/core.[0-9]*");
  }
}
