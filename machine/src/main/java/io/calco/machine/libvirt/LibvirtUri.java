package io.calco.machine.libvirt;

import io.calco.ssh.SshLogin;
import io.calco.ssh.SshServer;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which libvirt is meant, as libvirt's own tools take it: `qemu:///system`, `qemu:///session`,
/// `qemu+unix:///system?socket=/run/…/libvirt-sock`, `qemu+ssh://ana@host/system`.
///
/// @param text as it was given
/// @param driver what the daemon is asked to open: `qemu:///system`
/// @param sockets where the daemon listens, the likeliest first
/// @param server the host that it listens on; empty for this one
public record LibvirtUri(
    String text, String driver, List<Path> sockets, Optional<SshServer> server) {
  /// Names the libvirt where none is given, for libvirt's own tools as well.
  public static final String VARIABLE = "LIBVIRT_DEFAULT_URI";

  private static final String SYSTEM = "qemu:///system";
  private static final String SESSION = "qemu:///session";
  private static final String SOCKET = "socket";
  private static final String KEY = "keyfile"; // as libvirt's own clients have it
  private static final String IDENTITY = "identity"; // as our other addresses have it
  private static final String FINGERPRINT = "fingerprint";
  private static final Set<String> LOCAL = Set.of(SOCKET);
  private static final Set<String> REMOTE =
      new TreeSet<>(List.of(SOCKET, KEY, IDENTITY, FINGERPRINT));

  /// A daemon for QEMU alone, and the one for everything.
  private static final List<String> NAMES = List.of("virtqemud-sock", "libvirt-sock");

  /// Copies the list.
  public LibvirtUri {
    sockets = List.copyOf(sockets);
  }

  /// The one that the environment names, else `qemu:///system`.
  public static LibvirtUri standard(Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    return parse(named.isEmpty() ? SYSTEM : named, environment);
  }

  /// Reads an address.
  ///
  /// @param environment where a user's own libvirt listens
  /// @throws IllegalArgumentException when it is none that can be reached from here
  public static LibvirtUri parse(String text, Map<String, String> environment) {
    URI uri = uri(text);
    String scheme = String.valueOf(uri.getScheme());
    boolean remote = scheme.equals("qemu+ssh");
    boolean local = scheme.equals("qemu") || scheme.equals("qemu+unix");
    if (!remote && !local) {
      throw refused(text, "a libvirt is reached on this host, or by SSH");
    }
    if (remote == (uri.getHost() == null) || local && uri.getAuthority() != null) {
      throw refused(text, remote ? "the host is missing" : "a host is reached by qemu+ssh");
    }
    String path = String.valueOf(uri.getPath());
    if (!path.equals("/system") && !path.equals("/session")) {
      throw refused(text, "there is system, for all, and session, for one user");
    }
    String driver = path.equals("/system") ? SYSTEM : SESSION;
    Map<String, String> words = words(text, uri.getRawQuery(), remote ? REMOTE : LOCAL);
    if (remote && driver.equals(SESSION) && !words.containsKey(SOCKET)) {
      throw refused(text, "where a user's own libvirt listens there is not known: add ?socket=");
    }
    List<Path> sockets =
        words.containsKey(SOCKET)
            ? List.of(Path.of(words.get(SOCKET)))
            : sockets(driver, environment);
    return new LibvirtUri(
        text,
        driver,
        sockets,
        remote ? Optional.of(server(uri, words, environment)) : Optional.empty());
  }

  private static SshServer server(
      URI uri, Map<String, String> words, Map<String, String> environment) {
    String host = uri.getHost().replaceAll("^\\[|\\]$", "");
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
    Optional<Path> key =
        Optional.ofNullable(words.get(KEY))
            .or(() -> Optional.ofNullable(words.get(IDENTITY)))
            .map(Path::of);
    return new SshServer(
        uri.getScheme(),
        uri.getUserInfo() == null ? System.getProperty("user.name", "") : uri.getUserInfo(),
        host,
        uri.getPort() < 0 ? SshServer.PORT : uri.getPort(),
        new SshLogin(
            Path.of(home, ".ssh"),
            key,
            Optional.empty(),
            Optional.ofNullable(words.get(FINGERPRINT))));
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw refused(text, "it is no address");
    }
  }

  private static IllegalArgumentException refused(String text, String reason) {
    return new IllegalArgumentException(
        "%s: %s; expected %s, %s, qemu+unix:///system?socket=FILE or qemu+ssh://USER@HOST/system"
            .formatted(text, reason, SYSTEM, SESSION));
  }

  private static Map<String, String> words(String text, @Nullable String query, Set<String> known) {
    Map<String, String> words = new HashMap<>();
    for (String part : query == null ? new String[0] : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = part.substring(0, Math.max(equals, 0));
      if (!known.contains(name)) {
        throw refused(
            text, "of what follows the question mark, known are " + String.join(", ", known));
      }
      String value = part.substring(equals + 1).replace("+", "%2B"); // stands for itself
      words.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
    }
    return words;
  }

  private static List<Path> sockets(String driver, Map<String, String> environment) {
    Path directory =
        driver.equals(SYSTEM) ? Path.of("/run/libvirt") : runtime(environment).resolve("libvirt");
    return NAMES.stream().map(directory::resolve).toList();
  }

  /// As GLib has it: `$XDG_RUNTIME_DIR`, else the directory for caches.
  private static Path runtime(Map<String, String> environment) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (!runtime.isEmpty()) {
      return Path.of(runtime);
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return cache.isEmpty()
        ? Path.of(System.getProperty("user.home", "/"), ".cache")
        : Path.of(cache);
  }

  @Override
  public String toString() {
    return text;
  }
}
