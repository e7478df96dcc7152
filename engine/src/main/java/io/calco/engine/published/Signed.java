package io.calco.engine.published;

import java.time.Instant;

/// A text whose signature was verified.
///
/// Thread rule: immutable.
public final class Signed {
  private final byte[] text;
  private final String fingerprint;
  private final String signer;
  private final Instant signedAt;

  Signed(byte[] text, String fingerprint, String signer, Instant signedAt) {
    this.text = text.clone();
    this.fingerprint = fingerprint;
    this.signer = signer;
    this.signedAt = signedAt;
  }

  /// What was signed; of a cleartext signature, what stands between its marks. A copy.
  public byte[] text() {
    return text.clone();
  }

  /// Of the primary key that vouches for it, hexadecimal in upper case.
  public String fingerprint() {
    return fingerprint;
  }

  /// The first user id of that key, as it says.
  public String signer() {
    return signer;
  }

  /// When, as the signature says.
  public Instant signedAt() {
    return signedAt;
  }
}
