package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// What a device was called on the machine that was saved, below `/dev`: `sda`, `nvme0n1p2`,
/// `cciss/c0d0`, `vg0/root`.
///
/// @param text without `/dev/`
record DeviceName(String text) {
  private static final int MAX = 255; // a file name's
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_+][A-Za-z0-9_+.:-]*(/[A-Za-z0-9_+][A-Za-z0-9_+.:-]*)?");

  /// A name as a text in an image has it.
  ///
  /// @param where the text, for messages
  /// @throws CorruptImageException when it is no device's name
  static DeviceName of(String name, String where) throws CorruptImageException {
    return find(name)
        .orElseThrow(() ->
            new CorruptImageException(
                "%s: found \"%s\", expected a device's name such as sda1"
                    .formatted(where, OpenPolicy.printable(name))));
  }

  /// A name, with `/dev/` or `/dev/mapper/` before it or without; empty when it is no device's.
  static Optional<DeviceName> find(String name) {
    String bare =
        name.startsWith("/dev/mapper/")
            ? name.substring("/dev/mapper/".length())
            : name.startsWith("/dev/") ? name.substring("/dev/".length()) : name;
    return bare.length() <= MAX && FORM.matcher(bare).matches()
        ? Optional.of(new DeviceName(bare))
        : Optional.empty();
  }

  /// The path on the machine.
  String path() {
    return "/dev/" + text;
  }

  /// How the names of its files begin.
  String file() {
    return text.replace('/', '-');
  }

  /// The partition of this disk: the kernel puts a `p` between a digit and the number.
  DeviceName partition(int number) {
    boolean digit = Character.isDigit(text.charAt(text.length() - 1));
    return new DeviceName(text + (digit ? "p" : "") + number);
  }

  /// Which partition of `disk` this is; empty when it is none.
  OptionalInt numberOn(DeviceName disk) {
    String start = disk.partition(1).text;
    String stem = start.substring(0, start.length() - 1);
    String rest = text.startsWith(stem) ? text.substring(stem.length()) : "";
    return rest.matches("[1-9][0-9]{0,3}")
        ? OptionalInt.of(Integer.parseInt(rest))
        : OptionalInt.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
