package io.calco.guest.operation;

/// Remove Puppet's data, certificates and logs.
final class PuppetDataLog extends Removal {
  PuppetDataLog() {
    super(
        "puppet-data-log",
        Default.ON,
        "Remove Puppet's data, certificates and logs",
        What.FILES,
        "/var/log/puppet/*",
        "/var/lib/puppet/*/*",
        "/var/lib/puppet/*/*/*");
  }
}
