package io.calco.guest.operation;

/// Remove the machine's keys in Tailscale and ZeroTier.
final class MeshNetwork extends Removal {
  MeshNetwork() {
    super(
        "mesh-network",
        Default.ON,
        "Remove the machine's keys in Tailscale and ZeroTier",
        What.FILES,
        "/var/lib/tailscale/tailscaled.state",
        "/var/lib/zerotier-one/identity.*",
        "/var/lib/zerotier-one/authtoken.secret");
  }
}
