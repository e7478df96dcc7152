package io.calco.engine.repository;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.RepositoryAddress.Directory;
import io.calco.engine.repository.RepositoryAddress.Remote;
import io.calco.engine.repository.RepositoryAddress.S3;
import io.calco.engine.repository.RepositoryAddress.Sftp;
import io.calco.engine.repository.RepositoryAddress.Smb;
import io.calco.engine.repository.remote.RemotePlace;
import io.calco.engine.repository.remote.RemotePlace.Link;
import io.calco.store.s3.ObjectLock;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Takes one address apart: `SCHEME://[USER@]HOST[:PORT]/PATH[?NAME=VALUE[&…]]`, where `%20` stands
/// for a blank and so on. Its refusals repeat nothing of the address but the scheme. Confined.
final class AddressText {
  static final int SSH_PORT = 22;
  static final int SMB_PORT = 445;

  private static final int LENGTH_MAX = 4096;
  private static final Pattern SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL);
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.%]{2,64}");
  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");
  private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");
  private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}]");

  private static final Map<String, String> FORMS =
      Map.of(
          "sftp",
          "sftp://USER@HOST[:PORT]/PATH[?fingerprint=SHA256:…][&identity=FILE][&password-file=FILE]",
          "s3",
          "s3://BUCKET[/PREFIX][?endpoint=https://…][&region=NAME][&profile=NAME]"
              + "[&retention=DAYSd[&lock=compliance|governance]]",
          "smb",
          "smb://USER@HOST[:PORT]/SHARE[/PATH]?credentials=FILE",
          "calco",
          "calco://HOST[:PORT]/NAME[?credentials=FILE][&ca=FILE][&tls=on|off]");

  private final String text;
  private String scheme = "";
  private String authority = "";
  private String path = "";
  private Map<String, String> options = Map.of();

  AddressText(String text) {
    this.text = text;
  }

  static String server(String scheme, String user, String host, int port, int usual) {
    return scheme
        + "://"
        + user
        + "@"
        + (host.contains(":") ? "[" + host + "]" : host)
        + (port == usual ? "" : ":" + port);
  }

  RepositoryAddress parse() {
    if (text.isEmpty() || text.length() > LENGTH_MAX || CONTROL.matcher(text).find()) {
      throw usage("a repository's address has 1 to 4096 characters, in one line");
    }
    var named = SCHEME.matcher(text);
    if (!named.matches()) {
      return directory();
    }
    scheme = named.group(1).toLowerCase(java.util.Locale.ROOT);
    if (!FORMS.containsKey(scheme) || !text.startsWith("://", scheme.length())) {
      throw new OperationException(
          Kind.USAGE,
          "a repository is a directory, or begins with sftp://, s3://, smb:// or calco://",
          "of a directory with such a name write ./ before it");
    }
    split(text.substring(scheme.length() + 3));
    return switch (scheme) {
      case "sftp" -> sftp();
      case "s3" -> s3();
      case "calco" -> remote();
      default -> smb();
    };
  }

  private Directory directory() {
    try {
      return new Directory(Path.of(text));
    } catch (InvalidPathException e) {
      throw usage("a repository's directory cannot be called so");
    }
  }

  private OperationException usage(String what) {
    String form = FORMS.get(scheme);
    return form == null
        ? new OperationException(Kind.USAGE, what)
        : new OperationException(Kind.USAGE, "the %s address: %s".formatted(scheme, what), form);
  }

  private void split(String rest) {
    int query = rest.indexOf('?');
    String before = query < 0 ? rest : rest.substring(0, query);
    // Before anything else, and in all of it: a password may have a / or ? or @ in it. Of S3 nobody
    // is named before an @, and an endpoint, which is looked at later, has a : of its own; nor of a
    // Calco, whose port comes before the files.
    String secretive = scheme.equals("s3") || scheme.equals("calco") ? before : rest;
    int at = secretive.indexOf('@');
    if (at >= 0 && secretive.substring(0, at).contains(":")) {
      refuseSecret();
    }
    int slash = before.indexOf('/');
    authority = slash < 0 ? before : before.substring(0, slash);
    path = decoded(slash < 0 ? "" : before.substring(slash));
    options = query < 0 ? Map.of() : options(rest.substring(query + 1));
  }

  private void refuseSecret() {
    throw new OperationException(
        Kind.USAGE,
        "the %s address has a place for a password or key, which everybody can read there"
            .formatted(scheme),
        switch (scheme) {
          case "sftp" -> "put it in a file of your own, and name that: ?password-file=FILE";
          case "smb", "calco" -> "put it in a file of your own, and name that: ?credentials=FILE";
          default ->
              "it belongs in the environment (AWS_SECRET_ACCESS_KEY) or in ~/.aws/credentials";
        });
  }

  private String decoded(String part) {
    try {
      // A + is a + here.
      String plain = URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
      if (CONTROL.matcher(plain).find() || plain.contains("\ufffd")) {
        throw usage("a % is followed by what no name has");
      }
      return plain;
    } catch (IllegalArgumentException e) {
      throw usage("a % is followed by two hexadecimal digits; % itself is written %25");
    }
  }

  private Map<String, String> options(String query) {
    Set<String> known =
        switch (scheme) {
          case "sftp" -> Set.of("fingerprint", "identity", "password-file");
          case "s3" -> Set.of("endpoint", "region", "profile", "retention", "lock");
          case "calco" -> Set.of("credentials", "ca", "tls");
          default -> Set.of("credentials");
        };
    Map<String, String> found = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? "" : pair.substring(0, equals);
      if (!known.contains(name) || equals == pair.length() - 1) {
        throw usage(
            "its options are NAME=VALUE, and the names are "
                + String.join(", ", known.stream().sorted().toList()));
      }
      if (found.put(name, decoded(pair.substring(equals + 1))) != null) {
        throw usage("the option " + name + " is there twice");
      }
    }
    return found;
  }

  private Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  private Optional<Path> file(String name) {
    return option(name).map(Path::of);
  }

  private String user() {
    int at = authority.lastIndexOf('@');
    if (at < 1) {
      throw usage("the user is missing");
    }
    String user = decoded(authority.substring(0, at));
    if (user.contains(":") || user.contains("/")) {
      throw usage("the user's name has a character in it that none has");
    }
    return user;
  }

  /// The host, and what comes behind it.
  private record HostPort(String host, int port) {}

  private HostPort host(int usual) {
    String all = authority.substring(authority.lastIndexOf('@') + 1);
    String host = all;
    String port = "";
    int bracket = all.indexOf(']');
    if (all.startsWith("[") && bracket > 0) {
      host = all.substring(1, bracket);
      port = all.substring(bracket + 1);
    } else if (all.indexOf(':') >= 0) {
      host = all.substring(0, all.indexOf(':'));
      port = all.substring(all.indexOf(':'));
    }
    if (!HOST.matcher(host).matches() || host.contains(":") != all.startsWith("[")) {
      throw usage("the host is a name, an address, or an IPv6 address in brackets");
    }
    if (port.isEmpty()) {
      return new HostPort(host, usual);
    }
    if (!port.matches(":[0-9]{1,5}")
        || Integer.parseInt(port.substring(1)) > 65_535
        || Integer.parseInt(port.substring(1)) < 1) {
      throw usage("the port is 1 to 65535");
    }
    return new HostPort(host, Integer.parseInt(port.substring(1)));
  }

  private Sftp sftp() {
    HostPort host = host(SSH_PORT);
    String user = user();
    String directory = path.startsWith("/~/") ? path.substring(3) : path;
    while (directory.length() > 1 && directory.endsWith("/")) {
      directory = directory.substring(0, directory.length() - 1);
    }
    if (directory.isEmpty() || directory.equals("/")) {
      throw usage("the path is missing: /PATH, or /~/PATH from the user's home");
    }
    Optional<String> fingerprint = option("fingerprint");
    if (fingerprint.isPresent() && !FINGERPRINT.matcher(fingerprint.get()).matches()) {
      throw usage("a fingerprint is SHA256: and 43 characters, as ssh-keygen -l prints it");
    }
    return new Sftp(
        user,
        host.host,
        host.port,
        directory,
        fingerprint,
        file("identity"),
        file("password-file"));
  }

  private S3 s3() {
    if (!BUCKET.matcher(authority).matches()) {
      throw usage("the bucket has letters, digits, full stops and hyphens");
    }
    return new S3(
        authority,
        stripped(path),
        option("endpoint").map(this::endpoint),
        option("region"),
        option("profile"),
        lock());
  }

  private Optional<ObjectLock> lock() {
    Optional<String> mode = option("lock");
    if (mode.filter(word -> !word.matches("compliance|governance")).isPresent()) {
      throw usage("a lock is compliance, which nobody lifts, or governance");
    }
    Optional<String> days = option("retention");
    if (days.isEmpty() && mode.isPresent()) {
      throw usage("how long objects are locked is missing: retention=30d");
    }
    if (days.filter(text -> !text.matches("[1-9][0-9]{0,4}d")).isPresent()) {
      throw usage("a retention is 1d to 99999d");
    }
    return days.map(text -> Duration.ofDays(Long.parseLong(text, 0, text.length() - 1, 10)))
        .map(time ->
            new ObjectLock(
                mode.filter("governance"::equals).isPresent()
                    ? ObjectLock.Mode.GOVERNANCE
                    : ObjectLock.Mode.COMPLIANCE,
                time));
  }

  private URI endpoint(String value) {
    URI uri;
    try {
      uri = new URI(value);
    } catch (URISyntaxException e) {
      throw usage("the endpoint is no address of the web");
    }
    if (!List.of("http", "https").contains(String.valueOf(uri.getScheme()))
        || uri.getHost() == null) {
      throw usage("the endpoint begins with https:// or http:// and has a host");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw usage("the endpoint is no place for a user, a key or a question");
    }
    return uri;
  }

  private static String stripped(String path) {
    int from = 0;
    int to = path.length();
    while (from < to && path.charAt(from) == '/') {
      from++;
    }
    while (to > from && path.charAt(to - 1) == '/') {
      to--;
    }
    return path.substring(from, to);
  }

  private Smb smb() {
    HostPort host = host(SMB_PORT);
    String user = user();
    String all = stripped(path);
    int slash = all.indexOf('/');
    String share = slash < 0 ? all : all.substring(0, slash);
    if (share.isEmpty() || all.contains("\\")) {
      throw usage("the share is missing, or a part is not parted by /");
    }
    Path credentials = file("credentials").orElseThrow(() -> usage("?credentials=FILE is missing"));
    return new Smb(
        user,
        host.host,
        host.port,
        share,
        slash < 0 ? "" : stripped(all.substring(slash)),
        credentials);
  }

  private Remote remote() {
    if (authority.contains("@")) {
      throw usage("it names no user: a file, or the environment, says who logs in");
    }
    HostPort host = host(RemotePlace.PORT);
    String name = stripped(path);
    if (!REPOSITORY.matcher(name).matches()) {
      throw usage(
          "the repository's name has 1 to 64 letters a-z, digits, full stops, hyphens and _");
    }
    Optional<Path> authorities = file("ca");
    String usual = isThisHost(host.host) && authorities.isEmpty() ? "off" : "on";
    Link link =
        switch (option("tls").orElse(usual)) {
          case "on" -> Link.TLS;
          case "off" -> Link.PLAIN;
          default -> throw usage("tls is on or off");
        };
    if (link == Link.PLAIN && authorities.isPresent()) {
      throw usage("a ca is of no use with tls=off");
    }
    return new Remote(host.host, host.port, name, link, authorities, file("credentials"));
  }

  /// Whether what is sent to a host does not leave this one, by what it is called.
  private static boolean isThisHost(String host) {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException aName) {
      return false;
    }
  }
}
