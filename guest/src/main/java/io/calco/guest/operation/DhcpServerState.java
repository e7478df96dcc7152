package io.calco.guest.operation;

/// Remove the leases that a DHCP server gave.
final class DhcpServerState extends Removal {
  DhcpServerState() {
    super(
        "dhcp-server-state",
        Default.ON,
        "Remove the leases that a DHCP server gave",
        What.TREES,
        "/var/lib/dhcpd/*");
  }
}
