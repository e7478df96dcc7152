package io.calco.guest.operation;

/// Remove LVM's backups of volume groups and its caches.
final class LvmBackups extends Removal {
  LvmBackups() {
    super(
        "lvm-backups",
        Default.ON,
        "Remove LVM's backups of volume groups and its caches",
        What.FILES,
        "/etc/lvm/backup/*",
        "/etc/lvm/archive/*",
        "/etc/lvm/cache/.cache",
        "/run/lvm/hints");
  }
}
