package io.calco.machine.libvirt;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Which libvirt is meant, as libvirt's own tools take it: `qemu:///system`, `qemu:///session`,
/// `qemu+unix:///system?socket=/run/…/libvirt-sock`.
///
/// @param text as it was given
/// @param driver what the daemon is asked to open: `qemu:///system`
/// @param sockets where the daemon listens, the likeliest first
public record LibvirtUri(String text, String driver, List<Path> sockets) {
  /// Names the libvirt where none is given, for libvirt's own tools as well.
  public static final String VARIABLE = "LIBVIRT_DEFAULT_URI";

  private static final String SYSTEM = "qemu:///system";
  private static final String SESSION = "qemu:///session";
  private static final String SOCKET = "socket=";

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
    boolean local = scheme.equals("qemu") || scheme.equals("qemu+unix");
    if (!local || uri.getHost() != null || uri.getAuthority() != null) {
      throw refused(text, "only this host's libvirt can be reached");
    }
    String path = String.valueOf(uri.getPath());
    if (!path.equals("/system") && !path.equals("/session")) {
      throw refused(text, "there is system, for all, and session, for one user");
    }
    String driver = path.equals("/system") ? SYSTEM : SESSION;
    List<Path> sockets =
        uri.getRawQuery() == null
            ? sockets(driver, environment)
            : List.of(socket(text, uri.getRawQuery()));
    return new LibvirtUri(text, driver, sockets);
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
        "%s: %s; expected %s, %s or qemu+unix:///system?socket=FILE"
            .formatted(text, reason, SYSTEM, SESSION));
  }

  private static Path socket(String text, String query) {
    return Arrays.stream(query.split("&"))
        .filter(part -> part.startsWith(SOCKET))
        .map(part -> URLDecoder.decode(part.substring(SOCKET.length()), StandardCharsets.UTF_8))
        .map(Path::of)
        .findFirst()
        .orElseThrow(() -> refused(text, "of what follows the question mark, socket is known"));
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
