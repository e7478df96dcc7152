package io.calco.guest.operation;

/// Remove kernel crash dumps.
final class CrashData extends Removal {
  CrashData() {
    super(
        "crash-data",
        Default.ON,
        "Remove kernel crash dumps",
        What.TREES,
        "/var/crash/*",
        "/var/log/dump/*");
  }
}
