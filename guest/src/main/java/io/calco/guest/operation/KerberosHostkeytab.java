package io.calco.guest.operation;

/// Remove the Kerberos keys of the machine.
final class KerberosHostkeytab extends Removal {
  KerberosHostkeytab() {
    super(
        "kerberos-hostkeytab",
        Default.ON,
        "Remove the Kerberos keys of the machine",
        What.FILES,
        "/etc/krb5.keytab");
  }
}
