package io.calco.guest.identity;

import io.calco.guest.Draft;
import io.calco.guest.boot.InitSystem;
import java.io.IOException;
import java.util.regex.Pattern;

/// The number that systemd and D-Bus know a machine by; see machine-id(5).
public final class MachineId {
  private static final String FILE = "/etc/machine-id";
  private static final String DBUS = "/var/lib/dbus/machine-id";
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  private MachineId() {}

  /// Has the guest make a new one at its next boot. Under systemd `/etc/machine-id` must be there
  /// and empty, so that one can be bound over it while the root is still read-only; D-Bus' file
  /// becomes a link to it. Without systemd, the files are removed and D-Bus makes its own.
  public static void clear(Draft draft) throws IOException {
    if (InitSystem.of(draft.tree()) == InitSystem.SYSTEMD) {
      if (draft.isFile(FILE)) {
        draft.empty(FILE);
      } else {
        draft.putText(FILE, "", 0444);
      }
      linkDbus(draft);
    } else {
      draft.remove(FILE);
      draft.remove(DBUS);
    }
  }

  /// Gives the guest this one.
  ///
  /// @param id 32 hexadecimal digits in lower case, not all zero
  public static void set(Draft draft, String id) throws IOException {
    check(id);
    draft.putText(FILE, id + "\n", 0444);
    if (InitSystem.of(draft.tree()) == InitSystem.SYSTEMD) {
      linkDbus(draft);
    } else if (draft.exists(DBUS)) {
      draft.putText(DBUS, id + "\n", 0644);
    }
  }

  /// Returns `id` when it is a machine-id.
  ///
  /// @throws IllegalArgumentException when it is none
  public static String check(String id) {
    if (!FORM.matcher(id).matches() || id.equals("0".repeat(32))) {
      throw new IllegalArgumentException(
          "machine-id must be 32 hexadecimal digits in lower case and not zero");
    }
    return id;
  }

  private static void linkDbus(Draft draft) throws IOException {
    if (draft.exists(DBUS) && draft.readLink(DBUS).isEmpty()) {
      draft.link(DBUS, FILE);
    }
  }
}
