package io.calco.fs.guestfish;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.GuestNames;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A line for guestfish: a command and its words, quoted so that they may hold any byte. Confined.
final class Command {
  /// guestfish reads lines into 8192 bytes.
  static final int LINE_MAX = 8000;

  private final StringBuilder line; // one byte a letter

  private Command(String name) {
    line = new StringBuilder(name);
  }

  static Command of(String name) {
    return new Command(name);
  }

  Command number(long value) {
    line.append(' ').append(value);
    return this;
  }

  /// Permission bits.
  Command octal(int value) {
    line.append(" 0").append(Integer.toOctalString(value));
    return this;
  }

  /// A name or text of the guest's.
  Command word(String text) {
    return word(GuestNames.encode(text));
  }

  /// A file on this machine.
  Command file(Path path) {
    return word(path.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
  }

  Command word(byte[] bytes) {
    line.append(" \"");
    append(bytes);
    line.append('"');
    return this;
  }

  /// Names as one list; none may have a single quote in it.
  Command list(Iterable<String> names) {
    line.append(" \"");
    for (String name : names) {
      line.append('\'');
      append(GuestNames.encode(name));
      line.append("' ");
    }
    line.append('"');
    return this;
  }

  private void append(byte[] bytes) {
    for (byte value : bytes) {
      int letter = value & 0xFF;
      if (letter < ' ' || letter == 0x7f || letter == '"' || letter == '\\') {
        line.append("\\x%02x".formatted(letter));
      } else {
        line.append((char) letter);
      }
    }
  }

  /// How many bytes the line has so far.
  int length() {
    return line.length();
  }

  /// The line, told to carry on after a failure.
  byte[] encode() throws UnsupportedFeatureException {
    if (line.length() > LINE_MAX) {
      throw new UnsupportedFeatureException(
          "libguestfs: a name of more than %d bytes".formatted(LINE_MAX));
    }
    return ("-" + line + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
