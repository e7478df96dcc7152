package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;

/// Takes the guest out of its IPA domain without telling the domain.
final class IpaClient extends Operation {
  private static final String[] FILES = {
    "/etc/ipa/ca.crt",
    "/etc/ipa/default.conf",
    "/var/lib/ipa-client/sysrestore/*",
    "/var/lib/ipa-client/pki/*"
  };
  private static final String[] CERTIFICATES = {
    "/etc/pki/ca-trust/source/anchors/ipa-ca.crt",
    "/usr/local/share/ca-certificates/ipa-ca.crt",
    "/etc/pki/ca-trust/source/ipa.p11-kit"
  };

  IpaClient() {
    super("ipa-client", Default.ON, "Leave the IPA domain: remove its files and certificates");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    draft.removeFiles(FILES);
    for (String certificate : CERTIFICATES) {
      if (draft.exists(certificate)) {
        draft.remove(certificate);
        draft.note("the guest trusts the domain's certificate until it makes its bundles again");
      }
    }
  }
}
