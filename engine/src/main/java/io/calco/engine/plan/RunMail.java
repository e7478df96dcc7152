package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/// Sends mail by a server. Confined.
final class RunMail {
  /// Ours: how long the server may be silent.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MailServer server;

  RunMail(MailServer server) {
    this.server = server;
  }

  /// Sends a mail; it is the server's when this returns.
  ///
  /// @param at its date
  /// @throws OperationException SYSTEM when the server cannot be reached, is another one than it
  ///   says, or does not take the mail
  void send(List<String> to, RunLetter letter, Instant at) throws IOException {
    Session session = Session.getInstance(properties());
    try (Transport transport = session.getTransport("smtp")) {
      MimeMessage mail = new MimeMessage(session);
      mail.setFrom(new InternetAddress(server.from()));
      InternetAddress[] recipients = InternetAddress.parse(String.join(",", to), true);
      mail.setRecipients(Message.RecipientType.TO, recipients);
      mail.setSubject(letter.subject(), "UTF-8");
      mail.setText(letter.text(), "UTF-8");
      mail.setSentDate(Date.from(at));
      mail.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834
      mail.saveChanges();
      transport.connect(
          host(), server.port(), server.user().orElse(null), server.password().orElse(null));
      transport.sendMessage(mail, recipients);
    } catch (MessagingException e) {
      throw new OperationException(Kind.SYSTEM, "%s: %s".formatted(server, why(e)));
    }
  }

  private String host() {
    return server.host().replaceAll("[\\[\\]]", "");
  }

  /// All that is told of it, in a line.
  private static String why(MessagingException e) {
    Set<String> lines = new LinkedHashSet<>();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
      lines.add(RunLetter.plain(message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ")));
    }
    lines.remove("");
    return String.join(": ", lines);
  }

  private Properties properties() throws IOException {
    String millis = String.valueOf(PATIENCE.toMillis());
    Properties properties = new Properties();
    properties.put("mail.smtp.connectiontimeout", millis);
    properties.put("mail.smtp.timeout", millis);
    properties.put("mail.smtp.writetimeout", millis);
    properties.put("mail.smtp.auth", String.valueOf(server.user().isPresent()));
    properties.put("mail.smtp.sendpartial", "true"); // who can be told, is
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    properties.put("mail.from", server.from());
    switch (server.security()) {
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
      }
      case TLS -> properties.put("mail.smtp.ssl.enable", "true");
      case NONE -> {}
    }
    if (server.authorities().isPresent()) {
      properties.put("mail.smtp.ssl.socketFactory", trusting(server.authorities().get()));
      properties.put("mail.smtp.ssl.socketFactory.fallback", "false");
    }
    return properties;
  }

  /// Trusts who has a certificate of one of those in a file.
  private static SSLSocketFactory trusting(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("authority" + trusted.size(), each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new OperationException(
          Kind.USAGE, "%s: holds no certificates: %s".formatted(file, e.getMessage()));
    }
  }
}
