package io.calco.guest.operation;

/// Remove the firewall rules.
final class FirewallRules extends Removal {
  FirewallRules() {
    super(
        "firewall-rules",
        Default.OFF,
        "Remove the firewall rules",
        What.FILES,
        "/etc/sysconfig/iptables",
        "/etc/firewalld/services/*",
        "/etc/firewalld/zones/*");
  }
}
