package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.identity.Hostname;
import io.calco.guest.identity.HostnameFiles;
import java.io.IOException;

/// Takes the machine's own name away, on every distribution, unless the template gets one.
final class ClearHostname extends Operation {
  ClearHostname() {
    super("hostname", Default.ON, "Remove the host name (localhost takes its place)");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    if (settings.hostname().isEmpty() && HostnameFiles.current(draft.tree()).isPresent()) {
      HostnameFiles.set(draft, Hostname.NONE);
    }
  }
}
