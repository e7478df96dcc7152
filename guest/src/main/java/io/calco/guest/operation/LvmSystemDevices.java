package io.calco.guest.operation;

/// Remove LVM's list of this machine's devices.
final class LvmSystemDevices extends Removal {
  LvmSystemDevices() {
    super(
        "lvm-system-devices",
        Default.ON,
        "Remove LVM's list of this machine's devices",
        What.FILES,
        "/etc/lvm/devices/system.devices");
  }
}
