package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// Removes certificates and keys of a certificate authority and of TLS services, Red Hat's places.
final class CaCertificates extends Operation {
  private static final List<String> PATTERNS =
      List.of(
          "/etc/pki/CA/certs/*.crt",
          "/etc/pki/CA/crl/*.crt",
          "/etc/pki/CA/newcerts/*.crt",
          "/etc/pki/CA/private/*.key",
          "/etc/pki/tls/private/*.key",
          "/etc/pki/tls/certs/*.crt");
  private static final Set<String> BUNDLES =
      Set.of("/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/tls/certs/ca-bundle.trust.crt");

  CaCertificates() {
    super("ca-certificates", Default.OFF, "Remove the guest's own certificates and their keys");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    boolean removed = false;
    for (String pattern : PATTERNS) {
      for (String path : draft.glob(pattern)) {
        if (!BUNDLES.contains(path)) {
          draft.remove(path);
          removed = true;
        }
      }
    }
    if (removed) {
      draft.note("the guest's bundles of certificates change when it runs update-ca-trust");
    }
  }
}
