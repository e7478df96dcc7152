package io.calco.guest.operation;

/// Remove mail that waits for local users.
final class MailSpool extends Removal {
  MailSpool() {
    super(
        "mail-spool",
        Default.ON,
        "Remove mail that waits for local users",
        What.TREES,
        "/var/spool/mail/*",
        "/var/mail/*");
  }
}
