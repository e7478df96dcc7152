package io.calco.disk.crypt;

/// How a sector's number becomes the 16 bytes that make its encryption differ from all others', by
/// the names of dm-crypt and QEMU.
public enum IvScheme {
  /// The number's low 32 bits, little-endian: repeats after 2 TiB.
  PLAIN("plain"),

  /// The number, little-endian.
  PLAIN64("plain64"),

  /// As [#PLAIN64], encrypted under the SHA-256 of the key.
  ESSIV_SHA256("essiv");

  private final String label;

  IvScheme(String label) {
    this.label = label;
  }

  /// The name that dm-crypt and QEMU have for it.
  public String label() {
    return label;
  }
}
