package io.calco.guest.sshkey;

import io.calco.guest.Content;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// A host key with its secret.
///
/// @param type its kind
/// @param publicBlob the public key as the protocol sends it
/// @param privateFile OpenSSH's private key file
/// @param comment what both files say of it, `root@host`
public record SshHostKey(
    HostKeyType type, Content publicBlob, Content privateFile, String comment) {
  private static final int BLOCK = 8; // PROTOCOL.key: the cipher none's
  private static final int LINE = 70; // as ssh-keygen breaks its lines
  private static final String CURVE = "nistp256";

  /// The key of this kind that the seed gives.
  public static SshHostKey of(HostKeyType type, IdentitySeed seed, String comment) {
    SshBuffer publicPart = new SshBuffer().string(type.algorithm());
    SshBuffer secretPart = new SshBuffer().string(type.algorithm());
    switch (type) {
      case ED25519 -> ed25519(seed, publicPart, secretPart);
      case ECDSA -> ecdsa(seed, publicPart, secretPart);
      case RSA -> rsa(seed, publicPart, secretPart);
    }
    int check = new BigInteger(seed.derive(type.algorithm() + " check", 4)).intValue();
    byte[] blob = publicPart.bytes();
    byte[] secret =
        new SshBuffer()
            .uint32(check)
            .uint32(check)
            .raw(secretPart.string(comment).bytes())
            .pad(BLOCK)
            .bytes();
    return new SshHostKey(type, Content.of(blob), Content.of(armoured(blob, secret)), comment);
  }

  private static void ed25519(IdentitySeed seed, SshBuffer open, SshBuffer secret) {
    byte[] privateKey = seed.derive("ssh-ed25519", 32);
    byte[] publicKey = Ed25519.publicKey(privateKey);
    open.string(publicKey);
    secret.string(publicKey).string(new SshBuffer().raw(privateKey).raw(publicKey).bytes());
  }

  private static void ecdsa(IdentitySeed seed, SshBuffer open, SshBuffer secret) {
    BigInteger privateKey = P256.privateKey(seed.derive("ssh-ecdsa-p256", P256.SEED_SIZE));
    byte[] point = P256.publicKey(privateKey);
    open.string(CURVE).string(point);
    secret.string(CURVE).string(point).mpint(privateKey);
  }

  private static void rsa(IdentitySeed seed, SshBuffer open, SshBuffer secret) {
    RsaKey key = RsaKey.of(seed);
    open.mpint(key.exponent()).mpint(key.modulus());
    secret
        .mpint(key.modulus())
        .mpint(key.exponent())
        .mpint(key.privateExponent())
        .mpint(key.coefficient())
        .mpint(key.p())
        .mpint(key.q());
  }

  private static String armoured(byte[] blob, byte[] secret) {
    byte[] file =
        new SshBuffer()
            .raw("openssh-key-v1\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
            .string("none") // cipher
            .string("none") // key derivation
            .string("") // its options
            .uint32(1)
            .string(blob)
            .string(secret)
            .bytes();
    String text = Base64.getEncoder().encodeToString(file);
    StringBuilder out = new StringBuilder("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    for (int i = 0; i < text.length(); i += LINE) {
      out.append(text, i, Math.min(text.length(), i + LINE)).append('\n');
    }
    return out.append("-----END OPENSSH PRIVATE KEY-----\n").toString();
  }

  /// The algorithm and the key in base64, as they stand in `.pub` files and in known_hosts.
  public String publicKey() {
    return type.algorithm() + " " + Base64.getEncoder().encodeToString(publicBlob.bytes());
  }

  /// The line of the `.pub` file, without its end.
  public String publicLine() {
    return publicKey() + " " + comment;
  }

  /// As `ssh-keygen -l` prints it: `SHA256:` and 43 characters.
  public String fingerprint() {
    return fingerprint(publicBlob.bytes());
  }

  /// The fingerprint of any public key as the protocol sends it.
  public static String fingerprint(byte[] blob) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(blob);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK lacks SHA-256", e);
    }
  }
}
