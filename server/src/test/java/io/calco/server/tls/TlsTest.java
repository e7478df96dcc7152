package io.calco.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.PemFiles;
import io.calco.server.http.ApiException;
import io.calco.server.http.HttpSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.http.WebServer;
import io.calco.testkit.Oracle;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against OpenSSL, which makes the files, and curl, which asks.
class TlsTest {
  @TempDir private Path directory;

  private static Oracle.Run openssl(Object... words) {
    return Oracle.named("openssl").run(words).succeeds();
  }

  private TlsFiles certificate(String name, String... kind) {
    Path key = directory.resolve(name + ".key");
    Path certificate = directory.resolve(name + ".crt");
    List<Object> words = new ArrayList<>(List.of("genpkey", "-out", key));
    words.addAll(List.of(kind));
    openssl(words.toArray());
    openssl(
        "req",
        "-x509",
        "-key",
        key,
        "-out",
        certificate,
        "-days",
        "10",
        "-subj",
        "/CN=" + name,
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1");
    return new TlsFiles(certificate, key, Duration.ofDays(1));
  }

  private WebServer serve(TlsContext tls) {
    return WebServer.start(
        HttpSettings.at(new ListenAddress("127.0.0.1", 0)),
        Optional.of(tls),
        List.of(),
        List.of(routes ->
            routes
                .get("/", request -> request.result(request.scheme()))
                .put(
                    "/content",
                    request -> {
                      request.bodyInputStream().read();
                      throw new ApiException(HttpStatus.CONTENT_TOO_LARGE, "too much");
                    })));
  }

  private static Oracle.Run curl(WebServer server, Path trusted, Object... words) {
    List<Object> all = new ArrayList<>(List.of("-sS", "--cacert", trusted, "-D", "-"));
    all.addAll(
        List.of("-w", "\n%{http_version} %{http_code}", "https://" + server.address() + "/"));
    all.addAll(List.of(words));
    return Oracle.named("curl").run(all.toArray());
  }

  @ParameterizedTest
  @CsvSource({
    "rsa, RSA, rsa_keygen_bits:2048",
    "ec, EC, ec_paramgen_curve:P-256",
    "ed, ED25519, ",
  })
  void servesWithEachKindOfKey(String name, String algorithm, String option) throws IOException {
    TlsFiles files =
        option == null
            ? certificate(name, "-algorithm", algorithm)
            : certificate(name, "-algorithm", algorithm, "-pkeyopt", option);
    try (WebServer server = serve(TlsContext.open(files))) {
      Oracle.Run answer = curl(server, files.certificate()).succeeds();
      assertThat(answer.out())
          .contains("\nhttps\n2 200")
          .containsIgnoringCase("strict-transport-security: max-age=86400");
      assertThat(curl(server, files.certificate(), "--http1.1", "--tls-max", "1.2").out())
          .contains("\n1.1 200");
      assertThat(curl(server, files.certificate(), "--tls-max", "1.1").exit()).isNotZero();
    }
  }

  /// Whoever still sends is told, by streams of one connection and by a connection of their own.
  @Test
  void refusesAmidAnUpload() throws IOException {
    TlsFiles files = certificate("ed", "-algorithm", "ED25519");
    Path content = Files.write(directory.resolve("content"), new byte[24 << 20]);
    try (WebServer server = serve(TlsContext.open(files))) {
      for (String version : new String[] {"--http2", "--http1.1"}) {
        for (String header : new String[] {"Expect:", "Expect: 100-continue"}) {
          Oracle.Run answer =
              curl(server, files.certificate(), version, "-H", header, "-T", content);
          assertThat(answer.out()).as(answer.toString()).contains("too much").contains(" 413");
          assertThat(answer.exit()).as(answer.toString()).isZero();
        }
      }
    }
  }

  @Test
  void readsTheOlderWaysToWriteAKey() throws IOException {
    TlsFiles rsa = certificate("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
    Path old = directory.resolve("old.key");
    openssl("rsa", "-traditional", "-in", rsa.key(), "-out", old);
    assertThat(Files.readString(old)).contains("BEGIN RSA PRIVATE KEY");
    PemFiles.read(rsa.certificate(), old);
    TlsFiles ec = certificate("ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384");
    openssl("ec", "-in", ec.key(), "-out", old);
    assertThat(Files.readString(old)).contains("BEGIN EC PRIVATE KEY");
    PemFiles.read(ec.certificate(), old);
  }

  @Test
  void refusesWhatCannotBeUsed() throws IOException {
    TlsFiles one = certificate("one", "-algorithm", "ED25519");
    TlsFiles two = certificate("two", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
    refused(one.certificate(), two.key(), "is not the key of the first certificate");
    refused(one.key(), one.key(), "no certificate in PEM");
    refused(one.certificate(), one.certificate(), "no private key in PEM");
    Path locked = directory.resolve("locked.key");
    openssl("pkey", "-in", one.key(), "-aes256", "-passout", "pass:x", "-out", locked);
    refused(one.certificate(), locked, "the private key is encrypted");
    Path broken =
        Files.writeString(
            directory.resolve("broken.key"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    refused(one.certificate(), broken, "the private key cannot be read");
    Path long1 = Files.write(directory.resolve("long"), new byte[2 << 20]);
    refused(long1, one.key(), "larger than any certificate");
  }

  private static void refused(Path certificate, Path key, String message) {
    assertThatThrownBy(() -> PemFiles.read(certificate, key)).hasMessageContaining(message);
  }

  @Test
  void aNewCertificateIsReadAndABrokenOneIsNot() throws Exception {
    TlsFiles first = certificate("first", "-algorithm", "ED25519");
    TlsFiles next = certificate("next", "-algorithm", "ED25519");
    TlsFiles live =
        new TlsFiles(directory.resolve("live.crt"), directory.resolve("live.key"), Duration.ZERO);
    Files.copy(first.certificate(), live.certificate());
    Files.copy(first.key(), live.key());
    java.util.logging.Logger.getLogger(TlsContext.class.getName())
        .setLevel(java.util.logging.Level.OFF);
    try (WebServer server = serve(TlsContext.open(live, Duration.ofMillis(50)))) {
      assertThat(curl(server, first.certificate()).exit()).isZero();
      Files.writeString(live.certificate(), "broken");
      Thread.sleep(300);
      assertThat(curl(server, first.certificate()).exit()).as("the old one serves").isZero();
      Files.copy(next.key(), live.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(next.certificate(), live.certificate(), StandardCopyOption.REPLACE_EXISTING);
      for (int i = 0; curl(server, next.certificate()).exit() != 0; i++) {
        assertThat(i).isLessThan(1000);
        Thread.sleep(50);
      }
      assertThat(curl(server, first.certificate()).exit()).isNotZero();
    }
  }

  @Test
  void makesOneForAFirstTry() throws IOException {
    Path home = directory.resolve("tls");
    List<String> names = List.of("localhost", "127.0.0.1", "::1", "images.example");
    SelfMadeCertificate made = SelfMadeCertificate.in(home, names);
    assertThat(Files.getPosixFilePermissions(made.files().key()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    String told =
        openssl(
                "x509",
                "-in",
                made.files().certificate(),
                "-noout",
                "-text",
                "-fingerprint",
                "-sha256")
            .out();
    assertThat(told)
        .contains("Fingerprint=" + made.fingerprint())
        .contains("CA:FALSE", "DNS:images.example", "IP Address:127.0.0.1")
        .contains("IP Address:0:0:0:0:0:0:0:1", "TLS Web Server Authentication");
    openssl("verify", "-CAfile", made.files().certificate(), made.files().certificate());
    openssl("pkey", "-in", made.files().key(), "-check", "-noout");
    try (WebServer server = serve(TlsContext.open(made.files()))) {
      Oracle.Run answer = curl(server, made.files().certificate()).succeeds();
      assertThat(answer.out().toLowerCase(Locale.ROOT))
          .as("a browser must be let in in spite of it")
          .doesNotContain("strict-transport");
    }
    assertThat(SelfMadeCertificate.in(home, names).fingerprint()).isEqualTo(made.fingerprint());
    assertThat(SelfMadeCertificate.in(home, List.of("localhost")).fingerprint())
        .isEqualTo(made.fingerprint());
    assertThat(SelfMadeCertificate.in(home, List.of("other.example")).fingerprint())
        .isNotEqualTo(made.fingerprint());
  }
}
