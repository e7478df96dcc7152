package io.calco.guest.operation;

/// Remove dhclient's leases and identifiers.
final class DhcpClientState extends Removal {
  DhcpClientState() {
    super(
        "dhcp-client-state",
        Default.ON,
        "Remove dhclient's leases and identifiers",
        What.TREES,
        "/var/lib/dhclient/*",
        "/var/lib/dhcp/*");
  }
}
