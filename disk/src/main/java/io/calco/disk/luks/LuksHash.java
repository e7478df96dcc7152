package io.calco.disk.luks;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Optional;

/// The hashes that LUKS headers name.
public enum LuksHash {
  SHA1("sha1", "SHA-1", 20, 64),
  SHA224("sha224", "SHA-224", 28, 64),
  SHA256("sha256", "SHA-256", 32, 64),
  SHA384("sha384", "SHA-384", 48, 128),
  SHA512("sha512", "SHA-512", 64, 128);

  private final String label;
  private final String digestName;
  private final int length;
  private final int blockLength;

  LuksHash(String label, String digestName, int length, int blockLength) {
    this.label = label;
    this.digestName = digestName;
    this.length = length;
    this.blockLength = blockLength;
  }

  /// The hash of that name.
  public static Optional<LuksHash> find(String label) {
    for (LuksHash hash : values()) {
      if (hash.label.equals(label)) {
        return Optional.of(hash);
      }
    }
    return Optional.empty();
  }

  /// The name in headers and options.
  public String label() {
    return label;
  }

  /// Bytes in a digest.
  public int length() {
    return length;
  }

  /// Bytes that it takes in at once.
  int blockLength() {
    return blockLength;
  }

  /// A new digest.
  public MessageDigest digest() {
    try {
      return MessageDigest.getInstance(digestName);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no " + digestName, e);
    }
  }
}
