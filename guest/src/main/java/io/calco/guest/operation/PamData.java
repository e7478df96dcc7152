package io.calco.guest.operation;

/// Remove what PAM remembers of logins.
final class PamData extends Removal {
  PamData() {
    super(
        "pam-data",
        Default.ON,
        "Remove what PAM remembers of logins",
        What.FILES,
        "/var/run/console/*",
        "/var/run/faillock/*",
        "/var/run/sepermit/*");
  }
}
