package io.calco.server.tls;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// A certificate chain and its private key, from files in PEM.
final class PemFiles {
  /// Ours: far more than a chain with all that stands between its parts.
  private static final int MAX_BYTES = 1 << 20;

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (?<kind>[A-Z0-9 ]*PRIVATE KEY)-----\\s(?<body>[^-]+)-----END \\k<kind>-----");

  /// Of the key store, which is never written.
  static final String PASSWORD = "";

  private PemFiles() {}

  /// The chain and the key as the JDK takes them.
  ///
  /// @throws OperationException of kind USAGE when a file is not what it should be, or the key is
  ///   not the certificate's
  static KeyStore read(TlsFiles files) throws IOException {
    Certificate[] chain = chain(files.certificate());
    PrivateKey key = key(files.key());
    try {
      if (!belong(key, chain[0].getPublicKey())) {
        throw new OperationException(
            Kind.USAGE,
            "%s is not the key of the first certificate in %s"
                .formatted(files.key(), files.certificate()));
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("calco", key, PASSWORD.toCharArray(), chain);
      return store;
    } catch (GeneralSecurityException e) {
      throw unusable(files.key(), String.valueOf(e.getMessage()));
    }
  }

  private static String text(Path file) throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw unusable(file, "larger than any certificate");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Certificate[] chain(Path file) throws IOException {
    byte[] text = text(file).getBytes(StandardCharsets.ISO_8859_1);
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(text));
      if (!chain.isEmpty()) {
        return chain.toArray(Certificate[]::new);
      }
    } catch (CertificateException e) {
      // said below
    }
    throw unusable(file, "no certificate in PEM");
  }

  private static PrivateKey key(Path file) throws IOException {
    Matcher matcher = KEY.matcher(text(file));
    if (!matcher.find()) {
      throw unusable(file, "no private key in PEM");
    }
    String kind = matcher.group("kind");
    if (kind.startsWith("ENCRYPTED") || matcher.group("body").contains("ENCRYPTED")) {
      throw new OperationException(
          Kind.USAGE,
          file + ": the private key is encrypted",
          "openssl pkey -in %s -out plain.key takes the passphrase off".formatted(file));
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(matcher.group("body"));
      PrivateKeyInfo info = info(kind, der);
      return KeyFactory.getInstance(algorithm(info))
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (IOException | IllegalArgumentException | GeneralSecurityException e) {
      throw unusable(file, "the private key cannot be read");
    }
  }

  /// Each of the three ways to write a key, as PKCS #8.
  private static PrivateKeyInfo info(String kind, byte[] der) throws IOException {
    ASN1Primitive read = ASN1Primitive.fromByteArray(der);
    return switch (kind) {
      case "RSA PRIVATE KEY" ->
          new PrivateKeyInfo(
              new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
              RSAPrivateKey.getInstance(read));
      case "EC PRIVATE KEY" -> {
        ECPrivateKey key = ECPrivateKey.getInstance(read);
        yield new PrivateKeyInfo(
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
            key);
      }
      default -> PrivateKeyInfo.getInstance(read);
    };
  }

  private static String algorithm(PrivateKeyInfo info) {
    return switch (info.getPrivateKeyAlgorithm().getAlgorithm().getId()) {
      case "1.2.840.113549.1.1.1" -> "RSA";
      case "1.2.840.10045.2.1" -> "EC";
      default -> "EdDSA";
    };
  }

  /// What the one signs, the other verifies.
  private static boolean belong(PrivateKey key, PublicKey open) throws GeneralSecurityException {
    String kind =
        switch (key.getAlgorithm().toUpperCase(Locale.ROOT)) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    byte[] text = "calco".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(kind);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      Signature check = Signature.getInstance(kind);
      check.initVerify(open);
      check.update(text);
      return check.verify(signed);
    } catch (java.security.InvalidKeyException | java.security.SignatureException e) {
      return false; // of another kind altogether
    }
  }

  private static OperationException unusable(Path file, String reason) {
    return new OperationException(Kind.USAGE, file + ": " + reason);
  }
}
