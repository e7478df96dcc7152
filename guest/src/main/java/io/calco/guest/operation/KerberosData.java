package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.Set;

/// Removes a Kerberos server's database; its configuration stays.
final class KerberosData extends Operation {
  private static final Set<String> CONFIGURATION =
      Set.of("/var/kerberos/krb5kdc/kadm5.acl", "/var/kerberos/krb5kdc/kdc.conf");

  KerberosData() {
    super("kerberos-data", Default.OFF, "Remove a Kerberos server's database");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String path : draft.glob("/var/kerberos/krb5kdc/*")) {
      if (!CONFIGURATION.contains(path) && !draft.isDirectory(path)) {
        draft.remove(path);
      }
    }
  }
}
