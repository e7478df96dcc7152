package io.calco.guest.boot;

import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What a guest's kernel starts first.
public enum InitSystem {
  SYSTEMD,
  OPENRC,
  SYSVINIT,
  /// None of these, or none that can be seen.
  UNKNOWN;

  /// Looks at `/sbin/init` and what is installed.
  public static InitSystem of(GuestTree tree) throws IOException {
    Optional<String> init = tree.realPath("/sbin/init");
    if (init.map(path -> path.endsWith("/systemd")).orElse(false)) {
      return SYSTEMD;
    }
    if (tree.isFile("/sbin/openrc") || tree.isFile("/sbin/openrc-init")) {
      return OPENRC;
    }
    if (init.isEmpty()) {
      for (String path : List.of("/usr/lib/systemd/systemd", "/lib/systemd/systemd")) {
        if (tree.isFile(path)) {
          return SYSTEMD;
        }
      }
    }
    return tree.isFile("/etc/inittab") || tree.isDirectory("/etc/rc2.d") ? SYSVINIT : UNKNOWN;
  }
}
