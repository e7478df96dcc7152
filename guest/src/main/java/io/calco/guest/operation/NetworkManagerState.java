package io.calco.guest.operation;

/// Remove NetworkManager's secret key and the networks it has seen.
final class NetworkManagerState extends Removal {
  NetworkManagerState() {
    super(
        "network-manager-state",
        Default.ON,
        "Remove NetworkManager's secret key and the networks it has seen",
        What.FILES,
        "/var/lib/NetworkManager/secret_key",
        "/var/lib/NetworkManager/seen-bssids",
        "/var/lib/NetworkManager/timestamps");
  }
}
