package io.calco.engine;

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
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// Certificates and private keys from files in PEM. Stateless.
public final class PemFiles {
  /// Ours: far more than a chain with all that stands between its parts.
  private static final int MAX_BYTES = 1 << 20;

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (?<kind>[A-Z0-9 ]*PRIVATE KEY)-----\\s(?<body>[^-]+)-----END \\k<kind>-----");

  /// Of the key store, which is never written.
  public static final String PASSWORD = "";

  private PemFiles() {}

  /// A certificate chain and its key as the JDK takes them.
  ///
  /// @param chain the own certificate first, then those that vouch for it
  /// @param keyFile its private key, not encrypted
  /// @throws OperationException of kind USAGE when a file is not what it should be, or the key is
  ///   not the certificate's
  public static KeyStore read(Path chain, Path keyFile) throws IOException {
    Certificate[] certificates = certificates(chain);
    PrivateKey key = key(keyFile);
    try {
      if (!belong(key, certificates[0].getPublicKey())) {
        throw new OperationException(
            Kind.USAGE,
            "%s is not the key of the first certificate in %s".formatted(keyFile, chain));
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("calco", key, PASSWORD.toCharArray(), certificates);
      return store;
    } catch (GeneralSecurityException e) {
      throw unusable(keyFile, String.valueOf(e.getMessage()));
    }
  }

  /// Certificates that vouch for others, as the JDK takes them.
  ///
  /// @throws OperationException of kind USAGE when the file holds none
  public static KeyStore trusted(Path file) throws IOException {
    Certificate[] certificates = certificates(file);
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < certificates.length; i++) {
        store.setCertificateEntry("calco-" + i, certificates[i]);
      }
      return store;
    } catch (GeneralSecurityException e) {
      throw unusable(file, String.valueOf(e.getMessage()));
    }
  }

  /// What TLS works with.
  ///
  /// @param own shown to the other side, if it asks
  /// @param trusted vouch for the other side; empty to trust nobody
  public static SSLContext context(Optional<KeyStore> own, Optional<KeyStore> trusted) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys = {};
      TrustManager[] trust = {};
      if (own.isPresent()) {
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own.get(), PASSWORD.toCharArray());
        keys = factory.getKeyManagers();
      }
      if (trusted.isPresent()) {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted.get());
        trust =
            Arrays.stream(factory.getTrustManagers())
                .map(X509ExtendedTrustManager.class::cast)
                .map(UnnamedTrust::new)
                .toArray(TrustManager[]::new);
      }
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
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

  private static Certificate[] certificates(Path file) throws IOException {
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
