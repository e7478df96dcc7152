package io.calco.engine.repository.remote;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who logs in, by the variables that OpenStack's clients know: `OS_APPLICATION_CREDENTIAL_ID` and
/// `_SECRET`; or `OS_USERNAME`, `OS_PASSWORD`, `OS_PROJECT_NAME` and, unless it is `Default`,
/// `OS_USER_DOMAIN_NAME` and `OS_PROJECT_DOMAIN_NAME`. `OS_AUTH_URL` says where, unless it is the
/// server itself.
///
/// Thread rule: immutable.
final class RemoteLogin {
  private static final int FILE_MAX = 64 << 10;
  private static final Pattern LINE =
      Pattern.compile("\\s*(?:export\\s+)?(OS_[A-Z_]+)=(\"|'|)(.*?)\\2\\s*");

  private final String who;
  private final Map<String, Object> auth;
  private final Optional<URI> identity;

  private RemoteLogin(String who, Map<String, Object> auth, Optional<URI> identity) {
    this.who = who;
    this.auth = auth;
    this.identity = identity;
  }

  /// What a place's file says, or else the environment.
  ///
  /// @throws OperationException DENIED when they do not say who logs in
  static RemoteLogin of(RemotePlace place, Map<String, String> environment) throws IOException {
    return place.credentials().isPresent()
        ? new Variables(
                read(place.credentials().get()), place.credentials().get().toString(), place.link())
            .login()
        : new Variables(environment, "the environment", place.link()).login();
  }

  private static Map<String, String> read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(FILE_MAX + 1);
    }
    if (bytes.length > FILE_MAX) {
      throw new OperationException(Kind.DENIED, file + ": is too long for credentials");
    }
    Map<String, String> variables = new HashMap<>();
    new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .forEach(line -> variables.put(line.group(1), line.group(3)));
    return variables;
  }

  /// Variables, and where they stand.
  private record Variables(Map<String, String> all, String from, RemotePlace.Link link) {
    private Optional<String> find(String name) {
      return Optional.ofNullable(all.get("OS_" + name)).filter(value -> !value.isEmpty());
    }

    private String get(String name) {
      return find(name).orElseThrow(() -> missing("OS_" + name + " is missing"));
    }

    private OperationException missing(String what) {
      return new OperationException(
          Kind.DENIED,
          "%s: %s".formatted(from, what),
          "OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET; or OS_USERNAME,"
              + " OS_PASSWORD and OS_PROJECT_NAME; in a file that ?credentials=FILE names, or in the"
              + " environment");
    }

    RemoteLogin login() {
      if (find("APPLICATION_CREDENTIAL_ID").isPresent()) {
        String id = get("APPLICATION_CREDENTIAL_ID");
        Map<String, Object> credential =
            Map.of("id", id, "secret", get("APPLICATION_CREDENTIAL_SECRET"));
        return new RemoteLogin(
            "application credential " + id,
            Map.of(
                "identity",
                Map.of(
                    "methods",
                    Set.of("application_credential"),
                    "application_credential",
                    credential)),
            identity());
      }
      String name = find("USERNAME").orElseThrow(() -> missing("does not say who logs in"));
      Map<String, Object> user =
          Map.of("name", name, "domain", domain("USER"), "password", get("PASSWORD"));
      return new RemoteLogin(
          name,
          Map.of(
              "identity",
              Map.of("methods", Set.of("password"), "password", Map.of("user", user)),
              "scope",
              Map.of("project", Map.of("name", get("PROJECT_NAME"), "domain", domain("PROJECT")))),
          identity());
    }

    private Map<String, Object> domain(String whose) {
      return Map.of("name", find(whose + "_DOMAIN_NAME").orElse("Default"));
    }

    /// The password must not go another way than the backups do.
    private Optional<URI> identity() {
      Optional<String> given = find("AUTH_URL");
      if (given.isEmpty()) {
        return Optional.empty();
      }
      try {
        URI uri = new URI(given.get().replaceAll("/+$", ""));
        boolean safe =
            "https".equals(uri.getScheme())
                || "http".equals(uri.getScheme()) && link == RemotePlace.Link.PLAIN;
        if (safe && uri.getHost() != null) {
          return Optional.of(uri);
        }
      } catch (URISyntaxException e) {
        // said below
      }
      throw new OperationException(
          Kind.USAGE,
          "%s: OS_AUTH_URL is no address that begins with https://".formatted(from),
          "without it the server itself is asked; http:// is taken with ?tls=off alone");
    }
  }

  /// For messages.
  String who() {
    return who;
  }

  /// Identity and scope, as the API has them.
  Map<String, Object> auth() {
    return Map.of("auth", auth);
  }

  /// Where tokens are got; empty for the server itself.
  Optional<URI> identity() {
    return identity;
  }

  @Override
  public String toString() {
    return "RemoteLogin[" + who + "]"; // never the secret
  }
}
