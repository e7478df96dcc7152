package io.calco.guest.sshkey;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/// Ed25519 public keys (RFC 8032, section 5.1.5), computed by the JDK: its generator takes 32
/// random bytes as the private key, and here they are not random.
final class Ed25519 {
  private Ed25519() {}

  /// The public key of a private one, both 32 bytes.
  static byte[] publicKey(byte[] privateKey) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new Given(privateKey));
      KeyPair pair = generator.generateKeyPair();
      byte[] used = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
      if (!Arrays.equals(used, privateKey)) {
        throw new IllegalStateException("the JDK's Ed25519 generator changes what it is given");
      }
      return encode((EdECPublicKey) pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks Ed25519", e);
    }
  }

  /// y, least byte first, with x's lowest bit on top (RFC 8032, section 5.1.2).
  private static byte[] encode(EdECPublicKey key) {
    BigInteger y = key.getPoint().getY();
    byte[] out = new byte[32];
    byte[] big = y.toByteArray();
    for (int i = 0; i < big.length && i < 32; i++) {
      out[i] = big[big.length - 1 - i];
    }
    if (key.getPoint().isXOdd()) {
      out[31] |= (byte) 0x80;
    }
    return out;
  }

  /// Gives the bytes it was given, once.
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte[] bytes;

    Given(byte[] bytes) {
      super(null, null);
      this.bytes = bytes.clone();
    }

    @Override
    public void nextBytes(byte[] out) {
      if (out.length != bytes.length) {
        throw new IllegalStateException("asked for " + out.length + " bytes");
      }
      System.arraycopy(bytes, 0, out, 0, out.length);
    }
  }
}
