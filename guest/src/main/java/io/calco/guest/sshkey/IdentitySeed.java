package io.calco.guest.sshkey;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/// A secret from which everything of one clone is derived. Thread rule: safe.
public final class IdentitySeed {
  private static final String CONTEXT = "calco identity 1";
  private static final int FRESH_SIZE = 32;
  private static final int MIN_SIZE = 16; // ours: 128 bits

  private final byte[] secret;
  private final String clone;

  private IdentitySeed(byte[] secret, String clone) {
    this.secret = secret;
    this.clone = clone;
  }

  /// One that no other machine has.
  public static IdentitySeed fresh() {
    byte[] secret = new byte[FRESH_SIZE];
    new SecureRandom().nextBytes(secret);
    return new IdentitySeed(secret, "");
  }

  /// The one of a clone among all that share a seed.
  ///
  /// @param seed at least 16 bytes that are hard to guess
  /// @param clone the clone's name
  public static IdentitySeed of(byte[] seed, String clone) {
    if (seed.length < MIN_SIZE) {
      throw new IllegalArgumentException(
          "seed of %d bytes, at least 16 needed".formatted(seed.length));
    }
    return new IdentitySeed(seed.clone(), clone);
  }

  /// Bytes for one purpose; other purposes' tell nothing of them.
  ///
  /// @param purpose a constant of the caller's
  /// @param length 1–8160
  public byte[] derive(String purpose, int length) {
    try {
      String info = CONTEXT + "\0" + clone + "\0" + purpose;
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(secret)
                  .addSalt(CONTEXT.getBytes(StandardCharsets.UTF_8))
                  .thenExpand(info.getBytes(StandardCharsets.UTF_8), length));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks HKDF-SHA256", e);
    }
  }

  /// A machine-id (machine-id(5)): a version 4 UUID's digits.
  public String machineId() {
    byte[] id = derive("machine-id", 16);
    id[6] = (byte) (id[6] & 0x0F | 0x40);
    id[8] = (byte) (id[8] & 0x3F | 0x80);
    return java.util.HexFormat.of().formatHex(id);
  }

  @Override
  public String toString() {
    return "identity seed";
  }
}
