package io.calco.engine.images;

import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A signature of an image as files have it, which becomes the image's four properties
/// ([ImageSignature]).
///
/// @param signature of the image's bytes as they are kept, out of all packing: as it is, or in
///   Base64
/// @param certificate of the signer: X.509 in a file `UUID.pem`, `.crt` or `.der`
/// @param hash `SHA-224`, `SHA-256`, `SHA-384` or `SHA-512`
/// @param keyType `RSA-PSS`, `DSA`, or `ECC_` with one of six curves
public record SignatureFiles(Path signature, Path certificate, String hash, String keyType) {
  /// Ours: signatures have a few hundred bytes.
  private static final int BYTES_MAX = 64 << 10;

  /// The files, where both are named.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when only one is
  public static Optional<SignatureFiles> of(
      Optional<Path> signature, Optional<Path> certificate, String hash, String keyType) {
    if (signature.isPresent() != certificate.isPresent()) {
      throw ImageAttributes.usage(
          "A signature needs its signer's certificate: give --signature and --certificate.");
    }
    return signature.map(
        file -> new SignatureFiles(file, certificate.orElseThrow(), hash, keyType));
  }

  /// What the image says of it.
  Map<String, String> properties() throws IOException {
    String name = String.valueOf(certificate.getFileName()).replaceFirst("[.](pem|crt|der)$", "");
    if (!TrustedCertificates.isId(name)) {
      throw ImageAttributes.usage(
          "%s: a certificate is known by the UUID that its file is called, such as %s.pem."
              .formatted(certificate, "0b9a8c66-4f0e-4c7b-9a55-7a1f7a0c1d2e"));
    }
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("img_signature", text());
    properties.put("img_signature_hash_method", hash);
    properties.put("img_signature_key_type", keyType);
    properties.put("img_signature_certificate_uuid", name);
    return properties;
  }

  private String text() throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(signature)) {
      bytes = in.readNBytes(BYTES_MAX + 1);
    }
    if (bytes.length > BYTES_MAX) {
      throw new LimitExceededException(
          "%s: has more than %d bytes, our limit for a signature".formatted(signature, BYTES_MAX));
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[ \\t\\r\\n]", "");
    return text.matches("[A-Za-z0-9+/]+={0,2}") && text.length() % 4 == 0
        ? text
        : Base64.getEncoder().encodeToString(bytes);
  }

  /// The certificates that are trusted for it.
  TrustedCertificates trusted() {
    Path directory = certificate.toAbsolutePath().getParent();
    return new TrustedCertificates(Optional.ofNullable(directory));
  }
}
