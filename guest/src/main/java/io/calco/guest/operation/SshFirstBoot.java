package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import io.calco.guest.boot.BootTask;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Has a guest with an SSH server make its host keys at boot when it has none. Red Hat, SUSE, Arch
/// and Alpine do so by themselves; Debian does not, and its server would not start.
final class SshFirstBoot extends Operation {
  private static final List<String> NATIVE =
      List.of(
          "/usr/lib/systemd/system/sshd-keygen@.service",
          "/usr/lib/systemd/system/sshd-keygen.service",
          "/usr/lib/systemd/system/sshdgenkeys.service",
          "/usr/sbin/sshd-gen-keys-start",
          "/usr/libexec/openssh/sshd-keygen");

  private static final BootTask TASK =
      new BootTask(
          "calco-ssh-hostkeys",
          "Make SSH host keys when there are none",
          "/usr/bin/ssh-keygen -A",
          Optional.of("/etc/ssh/ssh_host_*_key"),
          List.of("cloud-init", "cloud-init-network"),
          List.of("ssh", "sshd"));

  SshFirstBoot() {
    super("ssh-first-boot", Default.ON, "Have the guest make SSH host keys at boot if it has none");
  }

  @Override
  public boolean applies(GuestTree tree) throws IOException {
    return tree.isFile("/usr/sbin/sshd") && tree.isFile("/usr/bin/ssh-keygen");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String path : NATIVE) {
      if (draft.isFile(path)) {
        return;
      }
    }
    if (OsRelease.of(draft.tree()).family() != OsRelease.Family.ALPINE && !TASK.install(draft)) {
      draft.note(
          "the guest's init system is not known: clones without host keys have no SSH server");
    }
  }
}
