package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.identity.HostnameFiles;
import java.io.IOException;

/// Gives the template the name that was asked for.
final class Customize extends Operation {
  Customize() {
    super("customize", Default.ON, "Give the template what was asked for: its host name");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    if (settings.hostname().isPresent()) {
      HostnameFiles.set(draft, settings.hostname().get());
    }
  }
}
