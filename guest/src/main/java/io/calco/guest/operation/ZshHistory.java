package io.calco.guest.operation;

/// Remove zsh's history of every user.
final class ZshHistory extends HomeRemoval {
  ZshHistory() {
    super(
        "zsh-history",
        Default.ON,
        "Remove zsh's history of every user",
        ".zsh_history",
        ".zhistory");
  }
}
