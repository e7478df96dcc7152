package io.calco.guest.operation;

/// Remove the machine's NVMe over Fabrics identifiers.
final class NvmeHost extends Removal {
  NvmeHost() {
    super(
        "nvme-host",
        Default.ON,
        "Remove the machine's NVMe over Fabrics identifiers",
        What.FILES,
        "/etc/nvme/hostid",
        "/etc/nvme/hostnqn");
  }
}
