package io.calco.engine.published;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.Locale;
import java.util.Optional;

/// A file's checksum, as somebody says it is.
///
/// @param algorithm by which it was made
/// @param hex hexadecimal, in lower case
public record Checksum(Algorithm algorithm, String hex) {

  /// What is strong enough to believe.
  public enum Algorithm {
    SHA256(64, "SHA-256"),
    SHA512(128, "SHA-512");

    private final int digits;
    private final String javaName;

    Algorithm(int digits, String javaName) {
      this.digits = digits;
      this.javaName = javaName;
    }

    /// As lists have it: `sha256`.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// As the JDK has it: `SHA-256`.
    public String javaName() {
      return javaName;
    }

    static Optional<Algorithm> ofDigits(int digits) {
      for (Algorithm each : values()) {
        if (each.digits == digits) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  /// Checks the digits.
  public Checksum {
    hex = hex.toLowerCase(Locale.ROOT);
    if (hex.length() != algorithm.digits || !hex.matches("[0-9a-f]+")) {
      throw new IllegalArgumentException("no %s checksum: %s".formatted(algorithm.text(), hex));
    }
  }

  /// What a user wrote: `sha256:…`, `sha512:…`, or the digits alone.
  ///
  /// @throws OperationException USAGE when it is none
  public static Checksum parse(String text) {
    int colon = text.indexOf(':');
    String digits = text.substring(colon + 1).strip();
    Optional<Algorithm> algorithm =
        digits.matches("[0-9a-fA-F]+") ? Algorithm.ofDigits(digits.length()) : Optional.empty();
    boolean named =
        colon < 0
            || algorithm.isPresent()
                && algorithm.get().text().equals(text.substring(0, colon).toLowerCase(Locale.ROOT));
    if (algorithm.isEmpty() || !named) {
      throw new OperationException(
          Kind.USAGE,
          "%s is no checksum".formatted(text.substring(0, Math.min(text.length(), 80))),
          "such as sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    }
    return new Checksum(algorithm.get(), digits);
  }

  @Override
  public String toString() {
    return algorithm.text() + ":" + hex;
  }
}
