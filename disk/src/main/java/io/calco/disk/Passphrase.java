package io.calco.disk;

import java.util.Arrays;

/// What opens an encrypted image. Never printed, and wiped on [#close].
///
/// Thread rule: safe for several threads at once until it is closed.
public final class Passphrase implements AutoCloseable {
  private final byte[] bytes;

  private Passphrase(byte[] bytes) {
    this.bytes = bytes;
  }

  /// A passphrase of these bytes, which are copied. A passphrase of letters is its UTF-8.
  public static Passphrase of(byte[] bytes) {
    return new Passphrase(bytes.clone());
  }

  /// A copy of the bytes; the caller wipes it.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "Passphrase[…]";
  }
}
