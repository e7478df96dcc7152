package io.calco.guest.operation;

/// Remove the lists of block devices that blkid keeps.
final class BlkidTab extends Removal {
  BlkidTab() {
    super(
        "blkid-tab",
        Default.ON,
        "Remove the lists of block devices that blkid keeps",
        What.FILES,
        "/var/run/blkid.tab",
        "/var/run/blkid.tab.old",
        "/run/blkid/blkid.tab*",
        "/etc/blkid/blkid.tab",
        "/etc/blkid/blkid.tab.old",
        "/etc/blkid.tab",
        "/etc/blkid.tab.old",
        "/dev/.blkid.tab",
        "/dev/.blkid.tab.old");
  }
}
