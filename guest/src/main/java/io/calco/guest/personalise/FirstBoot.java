package io.calco.guest.personalise;

import io.calco.fs.FileAttributes;
import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import io.calco.guest.boot.BootTask;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Has a clone run programs once. The runner takes each out of the way before it starts it, so that
/// one which restarts the machine is not run again, and switches itself off when none is left.
final class FirstBoot {
  private static final String DIRECTORY = "/var/lib/calco/firstboot";
  private static final BootTask TASK =
      new BootTask(
          "calco-firstboot",
          "Run what this clone was given for its first boot",
          DIRECTORY + "/run",
          Optional.empty(),
          List.of("network-online.target", "calco-ssh-hostkeys"),
          List.of());

  private FirstBoot() {}

  static void install(Draft draft, List<FirstBootScript> scripts) throws IOException {
    draft.directory(DIRECTORY, FileAttributes.root(0700, Instant.EPOCH));
    draft.directory(DIRECTORY + "/scripts", FileAttributes.root(0700, Instant.EPOCH));
    draft.directory(DIRECTORY + "/done", FileAttributes.root(0700, Instant.EPOCH));
    draft.putText(DIRECTORY + "/run", runner(), 0755);
    for (int i = 0; i < scripts.size(); i++) {
      FirstBootScript script = scripts.get(i);
      String path = "%s/scripts/%04d-%s".formatted(DIRECTORY, i + 1, script.name());
      draft.put(path, script.content(), FileAttributes.root(0755, Instant.EPOCH));
    }
    if (!TASK.install(draft)) {
      throw new GuestRequestException(
          "the guest's init system is not known: nothing would run at its first boot");
    }
  }

  private static String runner() {
    return """
    #!/bin/sh
    # Runs each program in scripts once, in the order of their names, then switches itself off.
    cd %s || exit 1
    for script in scripts/*; do
      [ -f "$script" ] || continue
      name=${script#scripts/}
      mv "$script" "done/$name" || exit 1
      sync
      echo "calco-firstboot: $name"
      "./done/$name" || echo "calco-firstboot: $name failed with $?" >&2
    done
    rm -f %s
    """
        .formatted(DIRECTORY, String.join(" \\\n  ", TASK.enablingLinks()));
  }
}
