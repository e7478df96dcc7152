package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.Backups;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The server that sends this host's mail: by SMTP (RFC 5321), encrypted by STARTTLS (RFC 3207) or
/// from the first byte (RFC 8314) unless that was waived by name. Its certificate must be of its
/// name.
///
/// @param security how it is talked to
/// @param host its name
/// @param port 1 to 65535
/// @param user who logs in; empty for nobody
/// @param password theirs; never printed
/// @param from whose mail it is
/// @param authorities certificates, PEM, of which one must have signed the server's; empty for
///   those that Java trusts
public record MailServer(
    Security security,
    String host,
    int port,
    Optional<String> user,
    Optional<String> password,
    String from,
    Optional<Path> authorities) {
  private static final String SERVER = "CALCO_MAIL_SERVER";
  private static final String PASSWORD = "CALCO_MAIL_PASSWORD";
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(smtp|smtps|smtp-plain)://(?:([^/]+)@)?([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?/?");

  /// How a server is talked to.
  public enum Security {
    /// In the clear until STARTTLS, which is asked for and must be granted.
    STARTTLS("smtp", 587),
    /// By TLS from the beginning.
    TLS("smtps", 465),
    /// In the clear; nobody logs in so.
    NONE("smtp-plain", 25);

    private final String scheme;
    private final int port;

    Security(String scheme, int port) {
      this.scheme = scheme;
      this.port = port;
    }

    private static Security of(String scheme) {
      return Arrays.stream(values())
          .filter(one -> one.scheme.equals(scheme))
          .findFirst()
          .orElseThrow();
    }
  }

  /// What variables say; empty where they name no server.
  ///
  /// | variable | is |
  /// |---|---|
  /// | `CALCO_MAIL_SERVER` | `smtp://[USER@]HOST[:PORT]` by STARTTLS, `smtps://` by TLS, `smtp-plain://HOST` in the clear |
  /// | `CALCO_MAIL_PASSWORD`, `CALCO_MAIL_PASSWORD_FILE` | the user's password, or the file that holds it |
  /// | `CALCO_MAIL_FROM` | whose mail it is; without it the user if that is an address, else `calco@HOST` |
  /// | `CALCO_MAIL_CA_FILE` | certificates, PEM, that are trusted instead of Java's |
  ///
  /// @throws OperationException USAGE when one cannot be understood, REFUSED when a password would
  ///   cross the network in the clear
  public static Optional<MailServer> of(Map<String, String> variables) throws IOException {
    String server = variables.getOrDefault(SERVER, "");
    if (server.isEmpty()) {
      return Optional.empty();
    }
    Matcher parts = ADDRESS.matcher(server);
    if (!parts.matches()) {
      throw new OperationException(
          Kind.USAGE,
          "%s: \"%s\" is no mail server".formatted(SERVER, server),
          "such as smtp://ana@mail.example.org, smtps://… or smtp-plain://localhost");
    }
    Security security = Security.of(parts.group(1));
    Optional<String> user = Optional.ofNullable(parts.group(2));
    if (security == Security.NONE && user.isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: the password would cross the network in the clear".formatted(SERVER),
          "smtp://… asks for STARTTLS, smtps://… for TLS");
    }
    int port = parts.group(4) == null ? security.port : Integer.parseInt(parts.group(4));
    if (port < 1 || port > 65_535) {
      throw new OperationException(Kind.USAGE, "%s: there is no port %d".formatted(SERVER, port));
    }
    String from =
        Optional.of(variables.getOrDefault("CALCO_MAIL_FROM", ""))
            .filter(text -> !text.isEmpty())
            .or(() -> user.filter(PlanRules::isMailAddress))
            .orElseGet(() -> "calco@" + Backups.hostName());
    if (!PlanRules.isMailAddress(from)) {
      throw new OperationException(
          Kind.USAGE, "CALCO_MAIL_FROM: \"%s\" is no mail address".formatted(from));
    }
    return Optional.of(
        new MailServer(
            security,
            parts.group(3),
            port,
            user,
            user.isPresent() ? Optional.of(password(variables)) : Optional.empty(),
            from,
            Optional.of(variables.getOrDefault("CALCO_MAIL_CA_FILE", ""))
                .filter(file -> !file.isEmpty())
                .map(Path::of)));
  }

  private static String password(Map<String, String> variables) throws IOException {
    String given = variables.getOrDefault(PASSWORD, "");
    if (!given.isEmpty()) {
      return given;
    }
    String file = variables.getOrDefault(PASSWORD + "_FILE", "");
    if (file.isEmpty()) {
      throw new OperationException(
          Kind.USAGE,
          "%s names a user, and no password is given".formatted(SERVER),
          "put it into a file, and set %s_FILE=FILE".formatted(PASSWORD));
    }
    try (StoreSecret secret = StoreSecret.ofFile(file)) {
      return new String(secret.passphrase().bytes(), StandardCharsets.UTF_8);
    }
  }

  /// As it is shown: without the password.
  @Override
  public String toString() {
    return "%s://%s:%d".formatted(security.scheme, host, port);
  }
}
