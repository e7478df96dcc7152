package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/// A UUID of LVM2's: 32 letters and digits, written in groups of 6-4-4-4-4-4-6.
///
/// @param text with hyphens, 38 characters
public record LvmUuid(String text) {
  static final int RAW_BYTES = 32;
  private static final int[] GROUPS = {6, 4, 4, 4, 4, 4, 6};
  private static final String LETTERS =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /// A new one.
  ///
  /// @param random of cryptographic strength where it must be unique
  public static LvmUuid random(RandomGenerator random) {
    StringBuilder raw = new StringBuilder();
    for (int i = 0; i < RAW_BYTES; i++) {
      raw.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return grouped(raw.toString());
  }

  /// Reads the form with hyphens or that of 32 characters.
  ///
  /// @param where for the message
  static LvmUuid parse(String text, String where) throws CorruptImageException {
    String raw = text.replace("-", "");
    boolean sound = raw.length() == RAW_BYTES;
    for (int i = 0; sound && i < raw.length(); i++) {
      char c = raw.charAt(i);
      sound = LETTERS.indexOf(c) >= 0 || c == '!' || c == '#';
    }
    if (!sound) {
      throw new CorruptImageException("LVM2: %s: not a UUID of LVM's".formatted(where));
    }
    return grouped(raw);
  }

  private static LvmUuid grouped(String raw) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    for (int group : GROUPS) {
      text.append(at == 0 ? "" : "-").append(raw, at, at + group);
      at += group;
    }
    return new LvmUuid(text.toString());
  }

  /// As a label holds it: 32 bytes.
  byte[] raw() {
    return text.replace("-", "").getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return text;
  }
}
