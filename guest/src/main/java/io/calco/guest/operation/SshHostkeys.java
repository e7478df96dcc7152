package io.calco.guest.operation;

/// Remove the SSH server's host keys.
final class SshHostkeys extends Removal {
  SshHostkeys() {
    super(
        "ssh-hostkeys",
        Default.ON,
        "Remove the SSH server's host keys",
        What.FILES,
        "/etc/ssh/*_host_*",
        "/etc/dropbear/*_host_key");
  }
}
