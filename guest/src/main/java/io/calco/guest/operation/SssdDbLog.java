package io.calco.guest.operation;

/// Remove the databases and logs of sssd.
final class SssdDbLog extends Removal {
  SssdDbLog() {
    super(
        "sssd-db-log",
        Default.ON,
        "Remove the databases and logs of sssd",
        What.FILES,
        "/var/log/sssd/*",
        "/var/lib/sss/db/*");
  }
}
