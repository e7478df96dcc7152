package io.calco.guest.boot;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// One command that a guest runs at every boot.
///
/// @param name the service's name: lower case letters and hyphens
/// @param description one line
/// @param command absolute path and arguments, without quotes
/// @param unlessGlob the command is left out when a file fits this pattern
/// @param after services, without `.service`, that are started before it
/// @param before services that wait for it
public record BootTask(
    String name,
    String description,
    String command,
    Optional<String> unlessGlob,
    List<String> after,
    List<String> before) {

  /// Copies the lists.
  public BootTask {
    after = List.copyOf(after);
    before = List.copyOf(before);
  }

  /// Adds the task to the guest.
  ///
  /// @return false when its init system is not one that we know
  public boolean install(Draft draft) throws IOException {
    switch (InitSystem.of(draft.tree())) {
      case SYSTEMD -> {
        draft.putText("/etc/systemd/system/" + name + ".service", unit(), 0644);
        draft.link(
            "/etc/systemd/system/multi-user.target.wants/" + name + ".service",
            "/etc/systemd/system/" + name + ".service");
      }
      case OPENRC -> {
        draft.putText("/etc/init.d/" + name, openrcScript(), 0755);
        draft.link("/etc/runlevels/default/" + name, "/etc/init.d/" + name);
      }
      case SYSVINIT -> {
        draft.putText("/etc/init.d/" + name, sysvScript(), 0755);
        for (int level = 2; level <= 5; level++) {
          draft.link("/etc/rc" + level + ".d/S01" + name, "../init.d/" + name);
        }
      }
      case UNKNOWN -> {
        return false;
      }
    }
    return true;
  }

  /// The paths that [#install] may make, for whoever takes the task away again.
  public List<String> enablingLinks() {
    return List.of(
        "/etc/systemd/system/multi-user.target.wants/" + name + ".service",
        "/etc/runlevels/default/" + name,
        "/etc/rc2.d/S01" + name,
        "/etc/rc3.d/S01" + name,
        "/etc/rc4.d/S01" + name,
        "/etc/rc5.d/S01" + name);
  }

  private String unit() {
    StringBuilder unit = new StringBuilder("[Unit]\nDescription=" + description + "\n");
    if (!after.isEmpty()) {
      unit.append("After=").append(units(after)).append('\n');
    }
    if (!before.isEmpty()) {
      unit.append("Before=").append(units(before)).append('\n');
    }
    unlessGlob.ifPresent(glob -> unit.append("ConditionPathExistsGlob=!" + glob + "\n"));
    return unit.append("\n[Service]\nType=oneshot\nExecStart=" + command + "\n")
        .append("RemainAfterExit=yes\nTimeoutStartSec=infinity\n")
        .append("\n[Install]\nWantedBy=multi-user.target\n")
        .toString();
  }

  private static String units(List<String> services) {
    return String.join(" ", services.stream().map(BootTask::unitName).toList());
  }

  private static String unitName(String service) {
    return service.indexOf('.') >= 0 ? service : service + ".service";
  }

  private String openrcScript() {
    return """
    #!/sbin/openrc-run
    description="%s"
    depend() {
      after %s
      before %s
    }
    start() {
      ebegin "%s"
      %s
      eend $?
    }
    """
        .formatted(description, names(after), names(before), description, guarded());
  }

  private String sysvScript() {
    return """
    #!/bin/sh
    ### BEGIN INIT INFO
    # Provides:          %s
    # Required-Start:    $local_fs $remote_fs
    # Required-Stop:
    # Should-Start:      %s
    # X-Start-Before:    %s
    # Default-Start:     2 3 4 5
    # Default-Stop:
    # Short-Description: %s
    ### END INIT INFO
    case "$1" in
      start|"")
        %s
        ;;
    esac
    """
        .formatted(name, names(after), names(before), description, guarded());
  }

  /// OpenRC and System V know services by names without a unit's kind.
  private static String names(List<String> services) {
    return String.join(" ", services.stream().filter(s -> s.indexOf('.') < 0).toList());
  }

  /// A test that needs nothing but the shell: an unmatched pattern stays as it is written.
  private String guarded() {
    return unlessGlob
        .map(glob -> "set -- " + glob + "; [ -e \"$1\" ] || " + command)
        .orElse(command);
  }
}
