package io.calco.guest.operation;

/// Remove /etc/passwd- and the like.
final class PasswdBackups extends Removal {
  PasswdBackups() {
    super(
        "passwd-backups",
        Default.ON,
        "Remove /etc/passwd- and the like",
        What.FILES,
        "/etc/group-",
        "/etc/gshadow-",
        "/etc/passwd-",
        "/etc/shadow-",
        "/etc/subuid-",
        "/etc/subgid-");
  }
}
