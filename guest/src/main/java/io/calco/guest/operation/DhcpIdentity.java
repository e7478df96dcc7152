package io.calco.guest.operation;

/// Remove leases and DUIDs of NetworkManager, networkd, dhcpcd, wicked and dhcp6c.
final class DhcpIdentity extends Removal {
  DhcpIdentity() {
    super(
        "dhcp-identity",
        Default.ON,
        "Remove leases and DUIDs of NetworkManager, networkd, dhcpcd, wicked and dhcp6c",
        What.TREES,
        "/var/lib/NetworkManager/*.lease",
        "/var/lib/NetworkManager/dhclient-*.conf",
        "/var/lib/systemd/network/*",
        "/run/systemd/netif/leases/*",
        "/var/lib/dhcpcd/*",
        "/var/lib/dhcpcd5/*",
        "/etc/dhcpcd.duid",
        "/etc/dhcpcd.secret",
        "/var/lib/wicked/*",
        "/var/lib/dhcpv6/*",
        "/var/db/dhcpcd/*",
        "/var/lib/udhcpc/*");
  }
}
