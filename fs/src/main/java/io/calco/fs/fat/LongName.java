package io.calco.fs.fat;

import io.calco.disk.bytes.LittleEndian;
import java.util.Locale;

/// A long name, spread over slots before the short one: 13 UTF-16 units each, the last part first.
final class LongName {
  static final int ATTRIBUTES = 0x0F;

  /// Units in a name, the specification's.
  static final int MAX_LENGTH = 255;

  private static final int LAST = 0x40;
  private static final int PER_SLOT = 13;
  private static final int SLOTS_MAX = 20;

  private final char[] units = new char[SLOTS_MAX * PER_SLOT];
  private int parts;
  private int missing = -1;
  private int sum;

  /// Forgets what was collected.
  void reset() {
    missing = -1;
  }

  /// Takes the next slot; one out of order begins anew, or spoils the name.
  void add(byte[] bytes, int at) {
    int order = LittleEndian.u8(bytes, at);
    int number = order & (LAST - 1);
    if ((order & LAST) != 0 && number >= 1 && number <= SLOTS_MAX) {
      parts = number;
      missing = number;
      sum = LittleEndian.u8(bytes, at + 13);
    }
    if (missing <= 0 || number != missing || LittleEndian.u8(bytes, at + 13) != sum) {
      reset();
      return;
    }
    missing--;
    for (int i = 0; i < PER_SLOT; i++) {
      units[missing * PER_SLOT + i] = (char) LittleEndian.u16(bytes, at + unitOffset(i));
    }
  }

  private static int unitOffset(int unit) {
    return unit < 5 ? 1 + 2 * unit : unit < 11 ? 14 + 2 * (unit - 5) : 28 + 2 * (unit - 11);
  }

  /// Slots collected, when they are all there.
  int slots() {
    return missing == 0 ? parts : 0;
  }

  /// The name that belongs to the short one, empty when there is none.
  ///
  /// @param bytes where the short name's 11 bytes stand
  String text(byte[] bytes, int at) {
    if (missing != 0 || sum != sum(bytes, at)) {
      return "";
    }
    int length = 0;
    while (length < parts * PER_SLOT && units[length] != 0) {
      length++;
    }
    return length > MAX_LENGTH ? "" : new String(units, 0, length);
  }

  /// Slots that a name takes.
  static int slotsFor(String name) {
    return (name.length() + PER_SLOT - 1) / PER_SLOT;
  }

  /// Fills the slots of a name.
  ///
  /// @param sum of the short name
  static void put(byte[] bytes, int at, String name, int sum) {
    int count = slotsFor(name);
    for (int slot = 0; slot < count; slot++) {
      int part = count - 1 - slot;
      int to = at + 32 * slot;
      LittleEndian.put8(bytes, to, slot == 0 ? part + 1 | LAST : part + 1);
      LittleEndian.put8(bytes, to + 11, ATTRIBUTES);
      LittleEndian.put8(bytes, to + 12, 0);
      LittleEndian.put8(bytes, to + 13, sum);
      LittleEndian.put16(bytes, to + 26, 0);
      for (int i = 0; i < PER_SLOT; i++) {
        int unit = part * PER_SLOT + i;
        int value = unit < name.length() ? name.charAt(unit) : unit == name.length() ? 0 : 0xFFFF;
        LittleEndian.put16(bytes, to + unitOffset(i), value);
      }
    }
  }

  /// The sum over a short name's 11 bytes that ties a long name to it.
  static int sum(byte[] bytes, int at) {
    int sum = 0;
    for (int i = 0; i < 11; i++) {
      sum = ((sum >>> 1 | sum << 7) + LittleEndian.u8(bytes, at + i)) & 0xFF;
    }
    return sum;
  }

  /// What names are compared by: case and dots at the end do not count.
  static String key(String name) {
    String cut = cut(name);
    String upper = cut.toUpperCase(Locale.ROOT);
    if (upper.length() == cut.length()) {
      return upper;
    }
    char[] chars = cut.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      chars[i] = Character.toUpperCase(chars[i]);
    }
    return new String(chars);
  }

  /// The name without dots at its end.
  static String cut(String name) {
    int end = name.length();
    while (end > 0 && name.charAt(end - 1) == '.') {
      end--;
    }
    return name.substring(0, end);
  }

  /// True when no path can have this name.
  static boolean isUnspeakable(String name) {
    return cut(name).isEmpty() || name.indexOf('/') >= 0;
  }
}
