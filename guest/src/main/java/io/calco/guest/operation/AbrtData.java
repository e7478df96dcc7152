package io.calco.guest.operation;

/// Remove the crash reports that ABRT keeps.
final class AbrtData extends Removal {
  AbrtData() {
    super(
        "abrt-data",
        Default.ON,
        "Remove the crash reports that ABRT keeps",
        What.TREES,
        "/var/spool/abrt/*");
  }
}
