package io.calco.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// A certificate that vouches for itself, for a first try: clients must be told to trust it, by its
/// file or its fingerprint. ECDSA on P-256, a year long, made anew in its last month or when it
/// lacks a name.
public final class SelfMadeCertificate {
  private static final String CERTIFICATE = "self-made.crt";
  private static final String KEY = "self-made.key";
  private static final Duration LIFE = Duration.ofDays(365);
  private static final Duration RENEWED_BEFORE = Duration.ofDays(30);

  /// Clocks differ.
  private static final Duration EARLIER = Duration.ofHours(1);

  private static final int SERIAL_BITS = 127;

  private final TlsFiles files;
  private final X509Certificate certificate;

  private SelfMadeCertificate(TlsFiles files, X509Certificate certificate) {
    this.files = files;
    this.certificate = certificate;
  }

  /// The one in a directory; makes it when it is not there or no longer fit.
  ///
  /// @param directory made if it is not there; the key in it is readable by its owner alone
  /// @param names host names and addresses that it must hold
  public static SelfMadeCertificate in(Path directory, Collection<String> names)
      throws IOException {
    Files.createDirectories(directory);
    TlsFiles files =
        new TlsFiles(directory.resolve(CERTIFICATE), directory.resolve(KEY), Duration.ZERO);
    try {
      if (Files.exists(files.certificate()) && Files.exists(files.key())) {
        X509Certificate there = read(Files.readAllBytes(files.certificate()));
        if (isFit(there, names)) {
          return new SelfMadeCertificate(files, there);
        }
      }
      return make(files, names);
    } catch (GeneralSecurityException e) {
      throw new IOException("no certificate could be made", e);
    }
  }

  private static boolean isFit(X509Certificate certificate, Collection<String> names)
      throws GeneralSecurityException {
    Set<String> held = new HashSet<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      alternatives.forEach(name -> held.add(plain(String.valueOf(name.get(1)))));
    }
    return certificate.getNotAfter().toInstant().isAfter(Instant.now().plus(RENEWED_BEFORE))
        && names.stream().map(SelfMadeCertificate::plain).allMatch(held::contains);
  }

  /// IPv6 addresses are written in several ways.
  private static String plain(String name) {
    return name.contains(":") ? new GeneralName(GeneralName.iPAddress, name).toString() : name;
  }

  private static SelfMadeCertificate make(TlsFiles files, Collection<String> names)
      throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    byte[] certificate = sign(content(keys, names), keys);
    write(files.key(), "PRIVATE KEY", keys.getPrivate().getEncoded(), "rw-------");
    write(files.certificate(), "CERTIFICATE", certificate, "rw-r--r--");
    return new SelfMadeCertificate(files, read(certificate));
  }

  private static TBSCertificate content(KeyPair keys, Collection<String> names) throws IOException {
    Instant now = Instant.now();
    X500Name name = new X500Name("CN=Calco, self-made".replace(", ", "\\, "));
    V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
    content.setSerialNumber(new ASN1Integer(new BigInteger(SERIAL_BITS, new SecureRandom())));
    content.setSignature(new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256));
    content.setIssuer(name);
    content.setSubject(name);
    content.setStartDate(new Time(Date.from(now.minus(EARLIER))));
    content.setEndDate(new Time(Date.from(now.plus(LIFE))));
    content.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    extensions.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    GeneralName[] alternatives =
        names.stream().map(SelfMadeCertificate::general).toArray(GeneralName[]::new);
    extensions.addExtension(
        Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    content.setExtensions(extensions.generate());
    return content.generateTBSCertificate();
  }

  private static GeneralName general(String name) {
    boolean address = name.contains(":") || name.matches("[0-9.]+");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  private static byte[] sign(TBSCertificate content, KeyPair keys)
      throws IOException, GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(content.getEncoded("DER"));
    ASN1EncodableVector parts = new ASN1EncodableVector();
    parts.add(content);
    parts.add(new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256));
    parts.add(new DERBitString(signature.sign()));
    return new DERSequence(parts).getEncoded("DER");
  }

  /// Beside, synced, renamed; never readable by others for a moment.
  private static void write(Path file, String kind, byte[] der, String permissions)
      throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String text = "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind);
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(beside);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    try (FileChannel out =
        FileChannel.open(
            beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static X509Certificate read(byte[] encoded) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  /// Where it lies.
  public TlsFiles files() {
    return files;
  }

  /// Its SHA-256, as browsers show it: `AB:CD:…`.
  public String fingerprint() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.ofDelimiter(":").withUpperCase().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it, and the certificate was read
    }
  }
}
