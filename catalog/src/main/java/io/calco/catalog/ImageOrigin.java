package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Where an image's content came from, and what was verified then. A text that is not known is
/// empty.
///
/// @param kind by which way it came
/// @param place the address, or the file
/// @param takenBy the user who had it taken in
/// @param takenAt when
/// @param verified what was compared with what its publisher says
public record ImageOrigin(
    Kind kind, String place, String takenBy, Instant takenAt, Verified verified) {

  /// By which way content came.
  public enum Kind {
    /// Sent by a client.
    UPLOAD,
    /// Fetched from an address.
    WEB,
    /// From a file of this host.
    FILE,
    /// From a command's standard input.
    INPUT,
    /// From the directory of a hypervisor's pool.
    POOL;

    /// As it is recorded.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The kind that is recorded so; empty when none is.
    public static Optional<Kind> find(String text) {
      return Stream.of(values()).filter(kind -> kind.text().equals(text)).findFirst();
    }

    static Kind of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /// What was compared with what a publisher says.
  ///
  /// @param checksum `sha256:…` of the content as it was published, packed perhaps
  /// @param checksumList the list that it stood in; empty when the user gave it
  /// @param keyFingerprint of the key that signed the list, hexadecimal in upper case
  /// @param signer the user id of that key
  /// @param signedAt when the list was signed
  public record Verified(
      String checksum,
      String checksumList,
      String keyFingerprint,
      String signer,
      Optional<Instant> signedAt) {
    /// Nothing was compared.
    public static final Verified NOTHING = new Verified("", "", "", "", Optional.empty());
  }
}
