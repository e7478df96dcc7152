package io.calco.fs.fat;

import io.calco.disk.bytes.LittleEndian;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;

/// An 8.3 name, made of a long one as Linux does (`shortname=mixed`).
///
/// @param text its 11 characters as in the directory, padded with spaces, one byte each
/// @param lowerCase the NT flags: 0x08 the name, 0x10 the extension is meant in lower case
/// @param alone true when it says all that the long name does
record ShortName(String text, int lowerCase, boolean alone) {
  private static final Charset CODE_PAGE = Charset.forName("IBM437");
  private static final int LOWER_NAME = 0x08;
  private static final int LOWER_EXTENSION = 0x10;
  private static final String NOT_IN_ANY = "\"*/:<>?\\|";
  private static final String ONLY_IN_LONG = "[];,+=";

  byte[] bytes() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The name in a slot as it is shown.
  static String decode(byte[] bytes, int at) {
    int flags = LittleEndian.u8(bytes, at + 12);
    byte[] raw = Arrays.copyOfRange(bytes, at, at + 11);
    if (raw[0] == 0x05) {
      raw[0] = (byte) 0xE5;
    }
    String name = part(raw, 0, 8, (flags & LOWER_NAME) != 0);
    String extension = part(raw, 8, 11, (flags & LOWER_EXTENSION) != 0);
    return extension.isEmpty() ? name : name + "." + extension;
  }

  /// The name of 11 characters as it is shown, in upper case.
  static String decode(String text) {
    return decode((text + "\0\0").getBytes(StandardCharsets.ISO_8859_1), 0);
  }

  private static String part(byte[] raw, int from, int to, boolean lower) {
    int end = to;
    while (end > from && raw[end - 1] == ' ') {
      end--;
    }
    String text = new String(raw, from, end - from, CODE_PAGE).replace('/', '_').replace('\0', '_');
    return lower ? text.toLowerCase(Locale.ROOT) : text;
  }

  /// A volume's label.
  static String label(byte[] bytes, int at) {
    return new String(bytes, at, 11, CODE_PAGE).stripTrailing();
  }

  /// Checks a long name.
  ///
  /// @param path for messages
  /// @return the name without dots at its end
  static String requireName(String path, String name) throws FileSystemException {
    String cut = LongName.cut(name);
    if (cut.length() > LongName.MAX_LENGTH) {
      throw new FileSystemException(path, null, "a name of more than 255 UTF-16 units");
    }
    if (cut.isEmpty()) {
      throw new FileSystemException(path, null, "a name of dots");
    }
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      boolean paired =
          !Character.isSurrogate(c)
              || (Character.isHighSurrogate(c)
                  ? i + 1 < cut.length() && Character.isLowSurrogate(cut.charAt(i + 1))
                  : i > 0 && Character.isHighSurrogate(cut.charAt(i - 1)));
      if (c < 0x20 || NOT_IN_ANY.indexOf(c) >= 0 || !paired) {
        throw new FileSystemException(
            path, null, "a name with U+%04X, which FAT cannot hold".formatted((int) c));
      }
    }
    if (cut.endsWith(" ")) {
      throw new FileSystemException(path, null, "a name that ends with a space");
    }
    return cut;
  }

  /// One half of the name while it is made.
  private static final class Half {
    private final StringBuilder bytes = new StringBuilder();
    private final CharsetEncoder encoder = CODE_PAGE.newEncoder();
    private final int room;
    private boolean whole = true;
    private boolean upper = true;
    private boolean lower = true;

    Half(int room) {
      this.room = room;
    }

    /// Takes characters until there is no more room.
    void take(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == ' ' || c == '.') {
          whole = false;
        } else if (bytes.length() == room) {
          whole = false;
          return;
        } else {
          add(c);
        }
      }
    }

    private void add(char c) {
      char up = Character.toUpperCase(c);
      char encoded = encode(up);
      if (ONLY_IN_LONG.indexOf(c) >= 0 || encoded == 0) {
        whole = false;
        bytes.append('_');
        return;
      }
      if (up != c) {
        upper = false;
      } else if (Character.toLowerCase(c) != c) {
        lower = false;
      }
      // Letters that the code page cannot give back in lower case need the long name.
      if (c > 0x7F) {
        upper = false;
        lower = false;
      }
      bytes.append(encoded);
    }

    private char encode(char c) {
      try {
        ByteBuffer out = encoder.encode(CharBuffer.wrap(new char[] {c}));
        return (char) (out.get(0) & 0xFF);
      } catch (CharacterCodingException _) {
        return 0;
      }
    }
  }

  /// Makes a name that no other file has.
  ///
  /// @param path for messages
  /// @param name checked by [#requireName]
  /// @param taken tells which 11 characters are in use
  static ShortName of(String path, String name, Predicate<String> taken)
      throws FileAlreadyExistsException {
    int dot = name.lastIndexOf('.');
    if (dot >= 0 && name.substring(0, dot).chars().allMatch(c -> c == '.' || c == ' ')) {
      dot = -1; // only an extension: it is the name
    }
    Half base = new Half(8);
    base.take(dot < 0 ? name : name.substring(0, dot));
    Half extension = new Half(3);
    extension.take(dot < 0 ? "" : name.substring(dot + 1));
    if (base.bytes.isEmpty()) {
      base.bytes.append('_');
      base.whole = false;
    }
    String plain = padded(base.bytes.toString(), extension.bytes.toString());
    if (base.whole && extension.whole) {
      if (taken.test(plain)) {
        throw new FileAlreadyExistsException(path);
      }
      boolean alone = (base.upper || base.lower) && (extension.upper || extension.lower);
      int flags =
          (alone && !base.upper ? LOWER_NAME : 0)
              | (alone && !extension.upper ? LOWER_EXTENSION : 0);
      return new ShortName(plain, flags, alone);
    }
    return new ShortName(
        numbered(base.bytes.toString(), extension.bytes.toString(), name, taken), 0, false);
  }

  private static String padded(String base, String extension) {
    String text = base + " ".repeat(8 - base.length()) + extension;
    String all = text + " ".repeat(11 - text.length());
    return all.charAt(0) == 0xE5 ? (char) 0x05 + all.substring(1) : all;
  }

  /// The name with a number that makes it the only one: `NAME~1`, and after nine of them four
  /// digits of a sum of the long name.
  private static String numbered(
      String base, String extension, String name, Predicate<String> taken) {
    String six = base.substring(0, Math.min(6, base.length()));
    for (int i = 1; i < 10; i++) {
      String text = padded(six + "~" + i, extension);
      if (!taken.test(text)) {
        return text;
      }
    }
    String two = base.substring(0, Math.min(2, base.length()));
    int sum = name.hashCode();
    for (int i = 0; ; i++) {
      int value = sum - i;
      String text =
          padded(
              two + "%04X~%d".formatted(value & 0xFFFF, 1 + ((value >>> 16) & 7) % 9), extension);
      if (!taken.test(text)) {
        return text;
      }
    }
  }

  /// The 11 characters of the short name in a slot.
  static String text(byte[] bytes, int at) {
    return new String(bytes, at, 11, StandardCharsets.ISO_8859_1);
  }
}
