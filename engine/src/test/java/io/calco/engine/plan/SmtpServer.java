package io.calco.engine.plan;

import io.calco.testkit.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A real SMTP server on loopback: Debian's python3-aiosmtpd. Its certificate is its own authority.
final class SmtpServer implements AutoCloseable {
  /// Debian's own, which finds its packages.
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  private final Path directory;
  private final Process process;
  private final int port;

  private SmtpServer(Path directory, Process process, int port) {
    this.directory = directory;
    this.process = process;
    this.port = port;
  }

  /// Starts it in an empty directory.
  ///
  /// @param mode `starttls`, `tls` or `plain`
  /// @param name in its certificate
  static SmtpServer start(Path directory, String mode, String name) throws IOException {
    Oracle.named("aiosmtpd"); // of its package
    Path certificate = directory.resolve("certificate.pem");
    Path key = directory.resolve("key.pem");
    Oracle.named("openssl")
        .run(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + name,
            "-addext",
            "subjectAltName=DNS:" + name,
            "-keyout",
            key,
            "-out",
            certificate)
        .succeeds();
    Path script = directory.resolve("smtp.py");
    try (InputStream in = Objects.requireNonNull(SmtpServer.class.getResourceAsStream("smtp.py"))) {
      Files.copy(in, script);
    }
    Process process =
        new ProcessBuilder(
                PYTHON.toString(),
                script.toString(),
                mode,
                certificate.toString(),
                key.toString(),
                Files.createDirectory(directory.resolve("mail")).toString())
            .redirectError(directory.resolve("log").toFile())
            .start();
    String port =
        new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
            .readLine();
    if (port == null) {
      throw new AssertionError("smtp.py: " + Files.readString(directory.resolve("log")));
    }
    return new SmtpServer(directory, process, Integer.parseInt(port));
  }

  /// The variables that name it.
  ///
  /// @param scheme `smtp://ana@`
  Map<String, String> variables(String scheme) throws IOException {
    Path password = Files.writeString(directory.resolve("password"), "una contraseña\n");
    return new HashMap<>(
        Map.of(
            "CALCO_MAIL_SERVER",
            scheme + "localhost:" + port,
            "CALCO_MAIL_PASSWORD_FILE",
            password.toString(),
            "CALCO_MAIL_FROM",
            "calco@example.org",
            "CALCO_MAIL_CA_FILE",
            directory.resolve("certificate.pem").toString()));
  }

  /// How much it has taken.
  int count() throws IOException {
    try (var files = Files.list(directory.resolve("mail"))) {
      return (int) files.count();
    }
  }

  /// A mail as Python's own library reads it: some headers, an empty line, the text.
  String mail(int number) {
    return new Oracle(PYTHON, "python3")
        .run(
            Map.of("PYTHONIOENCODING", "utf-8"),
            "-c",
            "import email.policy,sys\n"
                + "m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default)\n"
                + "assert not m.defects\n"
                + "for h in "
                + List.of("X-Tls", "X-To", "X-User", "From", "To", "Subject", "Auto-Submitted")
                    .stream()
                    .map(header -> "'" + header + "'")
                    .toList()
                + ": print(h+': '+str(m[h]))\n"
                + "assert m['Date'] and m['Message-ID']\n"
                + "print()\nprint(m.get_content())",
            directory.resolve("mail").resolve(number + ".eml"))
        .succeeds()
        .out();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
