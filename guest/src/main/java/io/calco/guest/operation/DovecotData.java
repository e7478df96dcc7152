package io.calco.guest.operation;

/// Remove the data of the Dovecot mail server.
final class DovecotData extends Removal {
  DovecotData() {
    super(
        "dovecot-data",
        Default.ON,
        "Remove the data of the Dovecot mail server",
        What.FILES,
        "/var/lib/dovecot/*");
  }
}
