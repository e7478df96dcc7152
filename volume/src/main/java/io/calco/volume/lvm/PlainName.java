package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;

/// Names of groups, volumes and sections.
final class PlainName {
  private static final int MAX = 127; // LVM2's
  private static final int SHOWN = 200;

  private PlainName() {}

  /// The name, for it is one that LVM2 itself would take.
  static String checked(String name) throws CorruptImageException {
    boolean sound =
        !name.isEmpty()
            && name.length() <= MAX
            && name.charAt(0) != '-'
            && !name.equals(".")
            && !name.equals("..");
    for (int i = 0; sound && i < name.length(); i++) {
      sound = isLetter(name.charAt(i));
    }
    if (!sound) {
      throw new CorruptImageException(
          "LVM2: found \"%s\", expected a name of letters, digits and +_.-".formatted(of(name)));
    }
    return name;
  }

  static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "+_.-".indexOf(c) >= 0;
  }

  /// A text from an image as a message may show it.
  static String of(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), SHOWN); i++) {
      char c = text.charAt(i);
      shown.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return shown.toString();
  }
}
