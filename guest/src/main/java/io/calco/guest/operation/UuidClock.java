package io.calco.guest.operation;

/// Remove the clock that keeps time-based UUIDs unique.
final class UuidClock extends Removal {
  UuidClock() {
    super(
        "uuid-clock",
        Default.ON,
        "Remove the clock that keeps time-based UUIDs unique",
        What.FILES,
        "/var/lib/libuuid/clock.txt",
        "/var/lib/uuidd/clock.txt",
        "/var/lib/libuuid/clock-cont.txt");
  }
}
