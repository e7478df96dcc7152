/// A seed: a small disc from which cloud-init or cloudbase-init learns, at a machine's first start,
/// who it is. It says what the offline personalisation has done already, so that they do not undo
/// it.
///
/// | form | label | files |
/// |---|---|---|
/// | NoCloud | `CIDATA` | `meta-data`, `user-data`, `network-config` |
/// | ConfigDrive | `config-2` | `openstack/latest/meta_data.json`, `user_data`, `network_data.json` |
///
/// All are written as JSON, which is YAML as well: every text stands in quotes, so that nothing in
/// a name or key can become anything but text.
///
/// Without interfaces that are set there is no network document: cloud-init then asks DHCP.
///
/// Not told: files that are copied in; on a ConfigDrive, search domains, for which it has no place.
/// Where cloud-init writes netplan's files, it leaves out name servers of an interface that asks
/// DHCP.
///
/// Sources: cloud-init's documentation (NoCloud, ConfigDrive, modules, network config versions 1
/// and 2), OpenStack's `network_data.json` schema. Oracles: `cloud-init schema`, `cloud-init devel
/// net-convert` on both network documents, isoinfo, blkid, python3-yaml, and a Debian that boots
/// with nothing else.
@NullMarked
package io.calco.guest.seed;

import org.jspecify.annotations.NullMarked;
