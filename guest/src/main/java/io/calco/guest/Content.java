package io.calco.guest;

import io.calco.fs.GuestNames;
import java.util.Arrays;

/// What a file will hold. A value; it may be a secret, so [#toString] tells its size only.
public final class Content {
  private final byte[] bytes;

  private Content(byte[] bytes) {
    this.bytes = bytes;
  }

  /// A copy of `bytes`.
  public static Content of(byte[] bytes) {
    return new Content(bytes.clone());
  }

  /// Text as [GuestTree#readText] gives it: bytes that are not UTF-8 come back unchanged.
  public static Content of(String text) {
    return new Content(GuestNames.encode(text));
  }

  /// A copy of the bytes.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// The bytes as text.
  public String text() {
    return GuestNames.decode(bytes);
  }

  /// How many bytes.
  public int size() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Content that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
