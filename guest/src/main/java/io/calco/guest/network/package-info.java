/// A guest's network interfaces, set in the files that its own network service reads.
///
/// | the guest has | written | other settings of the same interface |
/// |---|---|---|
/// | netplan | `/etc/netplan/90-calco.yaml`, mode 0600 | netplan adds lists up: files that name it are removed |
/// | NetworkManager | a keyfile in `/etc/NetworkManager/system-connections`, mode 0600 | stay, with less priority |
/// | wicked (SUSE) | `/etc/sysconfig/network/ifcfg-…`, `ifroute-…` | replaced |
/// | systemd-networkd | `/etc/systemd/network/05-calco-….network` | stay: the first file that fits counts |
/// | ifupdown (Debian, Alpine) | `/etc/network/interfaces` | its stanzas are taken out |
/// | the network service of Red Hat | `/etc/sysconfig/network-scripts/ifcfg-…` | replaced |
///
/// The first that is there counts, but that an interface which `/etc/network/interfaces` names
/// stays ifupdown's. cloud-init, where it is installed, is told to leave the network alone.
///
/// Sources: netplan(5), nm-settings-keyfile(5), systemd.network(5), interfaces(5), ifcfg(5),
/// ifroute(5), Red Hat's `sysconfig.txt`. Oracles: `netplan generate`, `ifquery`, `nmcli`.
@NullMarked
package io.calco.guest.network;

import org.jspecify.annotations.NullMarked;
