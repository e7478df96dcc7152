package io.calco.engine.images;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/// What an image's four properties say of its signature, as OpenStack's library cursive reads them:
///
/// | property | |
/// |---|---|
/// | `img_signature` | Base64 |
/// | `img_signature_hash_method` | `SHA-224`, `SHA-256`, `SHA-384`, `SHA-512` |
/// | `img_signature_key_type` | `RSA-PSS` (MGF1 of the same hash, the longest salt), `DSA`, `ECC_` with one of six curves |
/// | `img_signature_certificate_uuid` | whose key |
///
/// An image that has not all four has no signature. Several curves are not in the JDK any more, so
/// Bouncy Castle does the arithmetic.
record ImageSignature(String text, String hash, String keyType, String certificate) {
  private static final Map<String, ASN1ObjectIdentifier> CURVES =
      Map.of(
          "ECC_SECT571K1", SECObjectIdentifiers.sect571k1,
          "ECC_SECT409K1", SECObjectIdentifiers.sect409k1,
          "ECC_SECT571R1", SECObjectIdentifiers.sect571r1,
          "ECC_SECT409R1", SECObjectIdentifiers.sect409r1,
          "ECC_SECP521R1", SECObjectIdentifiers.secp521r1,
          "ECC_SECP384R1", SECObjectIdentifiers.secp384r1);

  private static final Map<String, Integer> HASH_BYTES =
      Map.of("SHA-224", 28, "SHA-256", 32, "SHA-384", 48, "SHA-512", 64);

  private static final int PIECE = 1 << 20;

  /// Of an image's properties; empty when it is not signed.
  static Optional<ImageSignature> of(Map<String, String> properties) {
    String text = properties.getOrDefault("img_signature", "");
    String hash = properties.getOrDefault("img_signature_hash_method", "");
    String keyType = properties.getOrDefault("img_signature_key_type", "");
    String certificate = properties.getOrDefault("img_signature_certificate_uuid", "");
    return text.isEmpty() || hash.isEmpty() || keyType.isEmpty() || certificate.isEmpty()
        ? Optional.empty()
        : Optional.of(new ImageSignature(text, hash, keyType, certificate));
  }

  /// Refuses content that is not what was signed.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE, with the reason
  void verify(ImageContents contents, String place, TrustedCertificates certificates)
      throws IOException {
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw failed("the signature is not Base64");
    }
    if (!HASH_BYTES.containsKey(hash)) {
      throw failed("the hash method must be one of SHA-224, SHA-256, SHA-384, SHA-512");
    }
    Certificate trusted = certificates.get(certificate);
    try {
      Signature verifier = verifier(trusted.getPublicKey());
      digest(contents, place, verifier);
      if (!verifier.verify(bytes)) {
        throw failed("it does not belong to this content");
      }
    } catch (GeneralSecurityException e) {
      throw failed("it cannot be one");
    }
  }

  private static RuntimeException failed(String why) {
    return ImageAttributes.usage("Signature verification failed: " + why);
  }

  private Signature verifier(PublicKey key) throws GeneralSecurityException {
    BouncyCastleProvider provider = new BouncyCastleProvider();
    String digest = hash.replace("-", "");
    ASN1ObjectIdentifier curve = CURVES.get(keyType);
    Signature verifier;
    if (curve != null) {
      requireKey(isOf(key, curve));
      verifier = Signature.getInstance(digest + "withECDSA", provider);
      verifier.initVerify(key);
    } else if (keyType.equals("DSA")) {
      requireKey(key.getAlgorithm().equals("DSA"));
      verifier = Signature.getInstance(digest + "withDSA", provider);
      verifier.initVerify(key);
    } else if (keyType.equals("RSA-PSS")) {
      requireKey(key instanceof RSAPublicKey);
      verifier = Signature.getInstance("RSASSA-PSS", provider);
      verifier.initVerify(key);
      verifier.setParameter(padding((RSAPublicKey) key));
    } else {
      throw failed("the key type must be RSA-PSS, DSA or ECC_ with one of six curves");
    }
    return verifier;
  }

  private static void requireKey(boolean fits) {
    if (!fits) {
      throw failed("the certificate has a key of another type");
    }
  }

  private static boolean isOf(PublicKey key, ASN1ObjectIdentifier curve) {
    return curve.equals(
        SubjectPublicKeyInfo.getInstance(key.getEncoded()).getAlgorithm().getParameters());
  }

  /// The longest salt that there is room for (RFC 8017, 9.1.1).
  private PSSParameterSpec padding(RSAPublicKey key) {
    int encoded = (key.getModulus().bitLength() - 1 + 7) / 8;
    int salt = encoded - HASH_BYTES.getOrDefault(hash, 0) - 2;
    requireKey(salt >= 0);
    return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
  }

  private static void digest(ImageContents contents, String place, Signature verifier)
      throws IOException, GeneralSecurityException {
    try (HostFile file = contents.open(place)) {
      byte[] piece = new byte[PIECE];
      long size = file.size();
      for (long done = 0; done < size; ) {
        int length = (int) Math.min(PIECE, size - done);
        file.read(done, MemorySegment.ofArray(piece).asSlice(0, length));
        verifier.update(piece, 0, length);
        done += length;
      }
    }
  }
}
