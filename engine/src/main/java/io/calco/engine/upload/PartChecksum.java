package io.calco.engine.upload;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The digest that a part must have.
public final class PartChecksum {
  /// By the names that tus has for them.
  private static final Map<String, String> ALGORITHMS = algorithms();

  private final String algorithm;
  private final byte[] expected;

  private PartChecksum(String algorithm, byte[] expected) {
    this.algorithm = algorithm;
    this.expected = expected;
  }

  private static Map<String, String> algorithms() {
    Map<String, String> algorithms = new LinkedHashMap<>();
    algorithms.put("sha1", "SHA-1");
    algorithms.put("sha256", "SHA-256");
    algorithms.put("md5", "MD5");
    return algorithms;
  }

  /// The names of those that there are.
  public static List<String> names() {
    return List.copyOf(ALGORITHMS.keySet());
  }

  /// A checksum; empty when there is no such algorithm.
  public static Optional<PartChecksum> of(String name, byte[] expected) {
    return Optional.ofNullable(ALGORITHMS.get(name))
        .map(algorithm -> new PartChecksum(algorithm, Arrays.copyOf(expected, expected.length)));
  }

  MessageDigest digest() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }

  boolean matches(MessageDigest digest) {
    return MessageDigest.isEqual(digest.digest(), expected);
  }
}
