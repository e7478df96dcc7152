package io.calco.guest.operation;

/// Takes host names out of the interfaces' settings.
final class NetHostname extends InterfaceFiles {
  NetHostname() {
    super(
        "net-hostname",
        "Remove host names from network interfaces (Red Hat)",
        "HOSTNAME",
        "DHCP_HOSTNAME");
  }
}
