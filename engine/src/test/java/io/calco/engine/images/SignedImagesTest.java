package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Signatures that OpenSSL made, as OpenStack's guide to signed images has it done.
class SignedImagesTest {
  private static final String ID = "d0d1c2b3-0000-4000-8000-0123456789ab";

  @TempDir Path dir;

  private final byte[] content = new byte[70_000];

  private MemoryContents contents() throws IOException {
    MemoryContents contents = new MemoryContents(dir);
    new Random(7).nextBytes(content);
    contents.blobs.put("blob", content);
    return contents;
  }

  private static Oracle openssl() {
    return Oracle.named("openssl");
  }

  private void certify(String keyType) {
    Path key = dir.resolve("key.pem");
    switch (keyType) {
      case "RSA-PSS" -> openssl().run("genrsa", "-out", key, "2048").succeeds();
      case "DSA" -> {
        openssl().run("dsaparam", "-genkey", "-noout", "-out", key, "1024").succeeds();
      }
      default ->
          openssl()
              .run(
                  "ecparam",
                  "-name",
                  keyType.substring(4).toLowerCase(java.util.Locale.ROOT),
                  "-genkey",
                  "-noout",
                  "-out",
                  key)
              .succeeds();
    }
    openssl()
        .run(
            "req",
            "-new",
            "-x509",
            "-key",
            key,
            "-subj",
            "/CN=signer",
            "-days",
            "1",
            "-out",
            dir.resolve(ID + ".pem"))
        .succeeds();
  }

  private String signature(String keyType, String hash) throws IOException {
    Path plain = Files.write(dir.resolve("content"), content);
    Path signature = dir.resolve("signature");
    String digest = "-" + hash.replace("-", "").toLowerCase(java.util.Locale.ROOT);
    Path key = dir.resolve("key.pem");
    if (keyType.equals("RSA-PSS")) {
      openssl()
          .run(
              "dgst",
              digest,
              "-sign",
              key,
              "-sigopt",
              "rsa_padding_mode:pss",
              "-sigopt",
              "rsa_pss_saltlen:max",
              "-out",
              signature,
              plain)
          .succeeds();
    } else {
      openssl().run("dgst", digest, "-sign", key, "-out", signature, plain).succeeds();
    }
    return Base64.getEncoder().encodeToString(Files.readAllBytes(signature));
  }

  private static Map<String, String> properties(String text, String hash, String keyType) {
    return new HashMap<>(
        Map.of(
            "img_signature",
            text,
            "img_signature_hash_method",
            hash,
            "img_signature_key_type",
            keyType,
            "img_signature_certificate_uuid",
            ID));
  }

  @ParameterizedTest
  @CsvSource({
    "RSA-PSS, SHA-256",
    "RSA-PSS, SHA-512",
    "RSA-PSS, SHA-224",
    "DSA, SHA-256",
    "ECC_SECP384R1, SHA-384",
    "ECC_SECP521R1, SHA-512",
    "ECC_SECT409K1, SHA-256",
    "ECC_SECT571R1, SHA-512"
  })
  void believesWhatOpensslSigned(String keyType, String hash) throws IOException {
    MemoryContents contents = contents();
    certify(keyType);
    TrustedCertificates certificates = new TrustedCertificates(Optional.of(dir));
    Map<String, String> properties = properties(signature(keyType, hash), hash, keyType);
    ImageSignature.of(properties).orElseThrow().verify(contents, "blob", certificates);

    content[content.length - 1] ^= 1;
    assertRefused(properties, contents, certificates, "does not belong to this content");
    content[content.length - 1] ^= 1;
    assertRefused(
        with(
            properties,
            "img_signature_hash_method",
            hash.equals("SHA-224") ? "SHA-256" : "SHA-224"),
        contents,
        certificates,
        "Signature verification failed");
    assertRefused(
        with(properties, "img_signature_key_type", keyType.equals("DSA") ? "RSA-PSS" : "DSA"),
        contents,
        certificates,
        "a key of another type");
    assertRefused(
        with(properties, "img_signature_key_type", "ECC_SECT571K1"),
        contents,
        certificates,
        "a key of another type");
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    Map<String, String> changed = new HashMap<>(all);
    changed.put(name, value);
    return changed;
  }

  private static void assertRefused(
      Map<String, String> properties,
      MemoryContents contents,
      TrustedCertificates certificates,
      String why) {
    assertThatThrownBy(() ->
            ImageSignature.of(properties).orElseThrow().verify(contents, "blob", certificates))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining(why);
  }

  @Test
  void refusesWhatCannotBeASignature() throws IOException {
    MemoryContents contents = contents();
    TrustedCertificates none = new TrustedCertificates(Optional.empty());
    TrustedCertificates some = new TrustedCertificates(Optional.of(dir));
    Map<String, String> properties = properties("AAAA", "SHA-256", "RSA-PSS");
    assertThat(ImageSignature.of(with(properties, "img_signature_key_type", ""))).isEmpty();
    assertRefused(properties, contents, none, "no certificate");
    assertRefused(properties, contents, some, "no certificate");
    for (String odd : new String[] {"../" + ID, "x", ID + "/.."}) {
      assertRefused(
          with(properties, "img_signature_certificate_uuid", odd),
          contents,
          some,
          "no certificate");
    }
    assertRefused(
        with(properties, "img_signature_hash_method", "MD5"), contents, some, "hash method");
    Files.writeString(dir.resolve(ID + ".pem"), "no certificate at all");
    assertRefused(properties, contents, some, "cannot be read");
    Files.delete(dir.resolve(ID + ".pem"));
    certify("RSA-PSS");
    assertRefused(properties, contents, some, "Signature verification failed");
    assertRefused(with(properties, "img_signature", "A"), contents, some, "verification failed");
    assertRefused(
        with(properties, "img_signature_key_type", "x"), contents, some, "key type must be");
  }

  @Test
  void anImportIsVerifiedByFiles() throws IOException {
    new Random(7).nextBytes(content);
    certify("RSA-PSS");
    String text = signature("RSA-PSS", "SHA-256");
    Path base64 =
        Files.writeString(
            dir.resolve("signature.b64"), text.substring(0, 76) + "\n" + text.substring(76) + "\n");
    Path other = Files.write(dir.resolve("other"), new byte[70_000]);
    Path certificate = dir.resolve(ID + ".pem");
    try (Shelf shelf = new Shelf(dir.resolve("home"))) {
      for (Path file : java.util.List.of(dir.resolve("signature"), base64)) {
        SignatureFiles signed = new SignatureFiles(file, certificate, "SHA-256", "RSA-PSS");
        var taken = taken(shelf, dir.resolve("content"), signed);
        assertThat(taken.image().properties())
            .containsEntry("img_signature", text)
            .containsEntry("img_signature_certificate_uuid", ID);
        assertThatThrownBy(() -> taken(shelf, other, signed))
            .isInstanceOf(OperationException.class)
            .hasMessageContaining("does not belong to this content");
      }
      SignatureFiles nameless =
          new SignatureFiles(base64, dir.resolve("key.pem"), "SHA-256", "RSA-PSS");
      assertThatThrownBy(() -> taken(shelf, other, nameless)).hasMessageContaining("UUID");
      assertThat(shelf.catalog.images().usage().images()).isEqualTo(2);
    }
    assertThatThrownBy(
            () -> SignatureFiles.of(Optional.of(base64), Optional.empty(), "SHA-256", "RSA-PSS"))
        .hasMessageContaining("--certificate");
  }

  private static ImageTaking.Taken taken(Shelf shelf, Path file, SignatureFiles signed)
      throws IOException {
    return shelf
        .service
        .taking()
        .take(
            Shelf.ANA,
            new ImportSource.File(file),
            new ImageTaking.Wanted(Map.of(), Optional.of("raw"), Optional.of(signed)),
            ImportProof.NONE,
            io.calco.disk.JobContext.SILENT);
  }
}
