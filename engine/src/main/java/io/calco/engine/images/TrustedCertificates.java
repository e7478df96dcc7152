package io.calco.engine.images;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/// The certificates that images may be signed with: files `UUID.pem` (or `.crt`, `.der`) in a
/// directory of the operator's, X.509 in PEM or DER. That a certificate is there is the trust in
/// it, as with Glance, where it is that it is in Barbican: neither its issuer nor its dates are
/// asked.
///
/// @param directory empty where no certificate is trusted
record TrustedCertificates(Optional<Path> directory) {
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");

  /// Ours: certificates have a few KiB.
  private static final int SIZE_MAX = 64 << 10;

  /// True for what can be the id of a certificate.
  static boolean isId(String text) {
    return ID.matcher(text.toLowerCase(Locale.ROOT)).matches();
  }

  /// The certificate of that id.
  ///
  /// @throws OperationException when there is none, or it cannot be read as one
  Certificate get(String id) throws IOException {
    String name = id.toLowerCase(Locale.ROOT);
    if (directory.isEmpty() || !ID.matcher(name).matches()) {
      throw unknown(id);
    }
    for (String ending : new String[] {".pem", ".crt", ".der"}) {
      Path file = directory.get().resolve(name + ending);
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return read(file, id);
      }
    }
    throw unknown(id);
  }

  private static Certificate read(Path file, String id) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(SIZE_MAX);
      return CertificateFactory.getInstance("X.509", new BouncyCastleProvider())
          .generateCertificate(new ByteArrayInputStream(bytes));
    } catch (CertificateException e) {
      throw new OperationException(Kind.SYSTEM, "the certificate %s cannot be read".formatted(id));
    }
  }

  private static OperationException unknown(String id) {
    return ImageAttributes.usage(
        "Signature verification failed: no certificate %s is trusted here"
            .formatted(id.substring(0, Math.min(id.length(), 80))));
  }
}
