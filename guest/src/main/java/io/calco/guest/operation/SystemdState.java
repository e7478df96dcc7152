package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;

/// Removes what systemd keeps of this machine: its credentials' secret, when timers last ran, what
/// its radios and screens were set to.
final class SystemdState extends Operation {
  SystemdState() {
    super("systemd-state", Default.ON, "Remove systemd's secret and what it remembers of timers");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    draft.removeFiles(
        "/var/lib/systemd/timers/stamp-*",
        "/var/lib/systemd/rfkill/*",
        "/var/lib/systemd/backlight/*",
        "/var/lib/private/systemd/journal-upload/state");
    if (draft.glob("/etc/credstore.encrypted/*").isEmpty()) {
      draft.remove("/var/lib/systemd/credential.secret");
    } else if (draft.exists("/var/lib/systemd/credential.secret")) {
      draft.note(
          "systemd's credential.secret stays, since /etc/credstore.encrypted needs it: all clones"
              + " share it");
    }
  }
}
