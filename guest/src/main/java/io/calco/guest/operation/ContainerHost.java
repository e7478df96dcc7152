package io.calco.guest.operation;

/// Remove the identifiers of container engines.
final class ContainerHost extends Removal {
  ContainerHost() {
    super(
        "container-host",
        Default.ON,
        "Remove the identifiers of container engines",
        What.FILES,
        "/etc/docker/key.json",
        "/var/lib/docker/engine-id");
  }
}
