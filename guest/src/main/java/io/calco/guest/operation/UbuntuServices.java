package io.calco.guest.operation;

/// Remove the machine's tokens for Ubuntu Pro, Landscape and crash reports.
final class UbuntuServices extends Removal {
  UbuntuServices() {
    super(
        "ubuntu-services",
        Default.ON,
        "Remove the machine's tokens for Ubuntu Pro, Landscape and crash reports",
        What.FILES,
        "/var/lib/ubuntu-advantage/machine-token.json",
        "/var/lib/ubuntu-advantage/private/*",
        "/var/lib/ubuntu-pro/machine-token.json",
        "/var/lib/ubuntu-pro/private/*",
        "/var/lib/landscape/client/*.bpickle*",
        "/var/lib/whoopsie/whoopsie-id");
  }
}
