package io.calco.guest;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A guest's `os-release`; see os-release(5).
///
/// @param id `debian`, `fedora` … ; `linux` when it is not said
/// @param idLike what it is made from
/// @param version as `VERSION_ID` has it
/// @param prettyName for a person
/// @param family which way of doing things it follows
public record OsRelease(
    String id,
    List<String> idLike,
    Optional<String> version,
    Optional<String> prettyName,
    Family family) {

  /// What the distributions had before os-release, and whose it is.
  private static final SequencedMap<String, String> OLDER = new LinkedHashMap<>();

  static {
    OLDER.put("/etc/centos-release", "centos");
    OLDER.put("/etc/fedora-release", "fedora");
    OLDER.put("/etc/redhat-release", "rhel");
    OLDER.put("/etc/SuSE-release", "suse");
    OLDER.put("/etc/arch-release", "arch");
    OLDER.put("/etc/alpine-release", "alpine");
    OLDER.put("/etc/debian_version", "debian");
  }

  private static final Pattern VERSION = Pattern.compile("[0-9]+(\\.[0-9]+)*");

  /// Ways of doing things that differ where a machine keeps its identity.
  public enum Family {
    DEBIAN,
    RED_HAT,
    SUSE,
    ARCH,
    ALPINE,
    OTHER
  }

  /// Copies the list.
  public OsRelease {
    idLike = List.copyOf(idLike);
  }

  /// Reads `/etc/os-release` or `/usr/lib/os-release`; without them, the distributions' older files
  /// tell the family.
  public static OsRelease of(GuestTree tree) throws IOException {
    Optional<String> text = tree.readText("/etc/os-release");
    if (text.isEmpty()) {
      text = tree.readText("/usr/lib/os-release");
    }
    if (text.isEmpty()) {
      return older(tree);
    }
    Map<String, String> values = parse(text.get());
    String id = values.getOrDefault("ID", "linux");
    List<String> like =
        List.of(values.getOrDefault("ID_LIKE", "").split(" ")).stream()
            .filter(s -> !s.isEmpty())
            .toList();
    return new OsRelease(
        id,
        like,
        Optional.ofNullable(values.get("VERSION_ID")),
        Optional.ofNullable(values.get("PRETTY_NAME")),
        family(id, like));
  }

  /// By a file of one line, as `CentOS release 6.10 (Final)`.
  private static OsRelease older(GuestTree tree) throws IOException {
    for (Map.Entry<String, String> file : OLDER.entrySet()) {
      Optional<String> line =
          tree.readText(file.getKey()).map(text -> text.lines().findFirst().orElse("").strip());
      if (line.isPresent()) {
        Matcher version = VERSION.matcher(line.get());
        String id = file.getValue();
        return new OsRelease(
            id,
            List.of(),
            version.find() ? Optional.of(version.group()) : Optional.empty(),
            line.filter(name -> Character.isUpperCase(name.isEmpty() ? ' ' : name.charAt(0))),
            family(id));
      }
    }
    return new OsRelease("linux", List.of(), Optional.empty(), Optional.empty(), Family.OTHER);
  }

  private static Family family(String id, List<String> like) {
    Family family = family(id);
    for (int i = 0; family == Family.OTHER && i < like.size(); i++) {
      family = family(like.get(i));
    }
    return family;
  }

  private static Family family(String id) {
    return switch (id) {
      case "debian", "ubuntu", "kali", "devuan", "raspbian", "linuxmint" -> Family.DEBIAN;
      case "fedora",
          "rhel",
          "centos",
          "scientific",
          "ol",
          "rocky",
          "almalinux",
          "amzn",
          "redhat-based" ->
          Family.RED_HAT;
      case "suse", "opensuse", "sles", "opensuse-leap", "opensuse-tumbleweed" -> Family.SUSE;
      case "arch" -> Family.ARCH;
      case "alpine" -> Family.ALPINE;
      default -> Family.OTHER;
    };
  }

  /// Shell assignments with the quotes and backslashes that os-release allows.
  private static Map<String, String> parse(String text) {
    Map<String, String> values = new HashMap<>();
    for (String line : text.lines().limit(200).toList()) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        values.put(line.substring(0, equals).strip(), unquote(line.substring(equals + 1).strip()));
      }
    }
    return values;
  }

  private static String unquote(String value) {
    char first = value.isEmpty() ? ' ' : value.charAt(0);
    boolean quoted =
        value.length() >= 2 && (first == '"' || first == '\'') && value.endsWith("" + first);
    String inner = quoted ? value.substring(1, value.length() - 1) : value;
    return first == '\'' ? inner : inner.replaceAll("\\\\(.)", "$1");
  }
}
