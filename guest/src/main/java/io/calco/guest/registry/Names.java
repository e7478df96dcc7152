package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/// Names of keys and values: how they are kept, compared and summed.
final class Names {
  /// Most UTF-16 units of a key's name (Windows' limit).
  static final int MAX_KEY = 255;

  /// Most UTF-16 units of a value's name (Windows' limit).
  static final int MAX_VALUE = 16_383;

  /// How Windows sorts subkeys: by UTF-16 units in upper case, each for itself.
  static final Comparator<String> ORDER = Comparator.comparing(Names::upper);

  private Names() {}

  static boolean same(String one, String other) {
    return one.length() == other.length() && upper(one).equals(upper(other));
  }

  /// Each UTF-16 unit in upper case; never longer.
  static String upper(String name) {
    char[] units = name.toCharArray();
    for (int i = 0; i < units.length; i++) {
      units[i] = Character.toUpperCase(units[i]);
    }
    return new String(units);
  }

  /// True when one byte a unit is enough.
  static boolean narrow(String name) {
    return name.chars().allMatch(unit -> unit <= 0xFF);
  }

  static byte[] encode(String name) {
    return name.getBytes(narrow(name) ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_16LE);
  }

  static String decodeNarrow(byte[] bytes, int at, int length) {
    return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
  }

  static String decodeWide(byte[] bytes, int at, int length) {
    return new String(bytes, at, length & ~1, StandardCharsets.UTF_16LE);
  }

  /// The sum in an `lh` list.
  static int hash(String name) {
    int hash = 0;
    for (char unit : upper(name).toCharArray()) {
      hash = 37 * hash + unit;
    }
    return hash;
  }

  /// The first four units in an `lf` list; 0 when one of them needs more than a byte.
  static int hint(String name) {
    byte[] hint = new byte[4];
    for (int i = 0; i < Math.min(4, name.length()); i++) {
      if (name.charAt(i) > 0xFF) {
        return 0;
      }
      hint[i] = (byte) name.charAt(i);
    }
    return LittleEndian.s32(hint, 0);
  }
}
