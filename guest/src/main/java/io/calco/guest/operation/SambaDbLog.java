package io.calco.guest.operation;

/// Remove Samba's databases and logs.
final class SambaDbLog extends Removal {
  SambaDbLog() {
    super(
        "samba-db-log",
        Default.ON,
        "Remove Samba's databases and logs",
        What.FILES,
        "/var/log/samba/old/*",
        "/var/log/samba/*",
        "/var/lib/samba/*/*",
        "/var/lib/samba/*");
  }
}
