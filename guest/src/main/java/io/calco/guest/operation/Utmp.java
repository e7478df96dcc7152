package io.calco.guest.operation;

/// Remove the list of who is logged in.
final class Utmp extends Removal {
  Utmp() {
    super("utmp", Default.ON, "Remove the list of who is logged in", What.FILES, "/var/run/utmp");
  }
}
