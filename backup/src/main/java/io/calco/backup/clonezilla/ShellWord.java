package io.calco.backup.clonezilla;

/// Texts from a guest's disk in files that Clonezilla gives to its shell to read, as root.
final class ShellWord {
  private ShellWord() {}

  /// The text when it means nothing to a shell, else nothing.
  static String of(String text) {
    return text.matches("[A-Za-z0-9_.:,+@%/=-]*") ? text : "";
  }
}
