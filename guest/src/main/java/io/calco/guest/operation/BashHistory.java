package io.calco.guest.operation;

/// Remove bash's history of every user.
final class BashHistory extends HomeRemoval {
  BashHistory() {
    super("bash-history", Default.ON, "Remove bash's history of every user", ".bash_history");
  }
}
