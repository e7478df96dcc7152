package io.calco.guest.inspect;

import io.calco.guest.GuestTree;
import io.calco.guest.inspect.GuestFacts.EncryptedVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a Linux is set up: localtime(5), locale.conf(5), crypttab(5), selinux(8), what is started.
final class SystemSettings {
  private static final String ZONES = "zoneinfo/";
  private static final int MAX_VOLUMES = 1000; // ours

  /// Shell assignments that hold the language, where the older systems have them last.
  private static final List<String> LOCALES =
      List.of(
          "/etc/locale.conf",
          "/etc/default/locale",
          "/etc/sysconfig/i18n",
          "/etc/sysconfig/language",
          "/etc/profile.d/*locale.sh");

  private final GuestTree tree;

  SystemSettings(GuestTree tree) {
    this.tree = tree;
  }

  Optional<String> timeZone() throws IOException {
    Optional<String> link = tree.readLink("/etc/localtime");
    if (link.isPresent() && link.get().contains(ZONES)) {
      return Optional.of(link.get().substring(link.get().lastIndexOf(ZONES) + ZONES.length()));
    }
    for (String path : List.of("/etc/timezone", "/etc/TZ")) {
      Optional<String> line = line(path);
      if (line.isPresent()) {
        return line;
      }
    }
    Optional<String> clock = assigned("/etc/sysconfig/clock", "(?:ZONE|TIMEZONE)");
    return clock.isPresent()
        ? clock
        : link.filter(target -> target.endsWith("/UTC")).map(_ -> "UTC");
  }

  Optional<String> locale() throws IOException {
    for (String pattern : LOCALES) {
      for (String path : tree.glob(pattern)) {
        Optional<String> found = assigned(path, "(?:export )?(?:LANG|RC_LANG)");
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /// The mode that its configuration asks for, and the policy: `enforcing (targeted)`.
  Optional<String> selinux() throws IOException {
    Optional<String> mode = assigned("/etc/selinux/config", "SELINUX");
    Optional<String> policy = assigned("/etc/selinux/config", "SELINUXTYPE");
    return mode.map(m -> m.equals("disabled") ? m : m + policy.map(p -> " (" + p + ")").orElse(""));
  }

  /// systemd's target, or a runlevel of inittab(5).
  Optional<String> defaultTarget() throws IOException {
    for (String path :
        List.of(
            "/etc/systemd/system/default.target",
            "/usr/lib/systemd/system/default.target",
            "/lib/systemd/system/default.target")) {
      Optional<String> link = tree.readLink(path);
      if (link.isPresent()) {
        return Optional.of(link.get().substring(link.get().lastIndexOf('/') + 1));
      }
    }
    Matcher level =
        Pattern.compile("(?m)^[^#:\n]*:([0-6]):initdefault:")
            .matcher(tree.readText("/etc/inittab").orElse(""));
    return level.find() ? Optional.of("runlevel " + level.group(1)) : Optional.empty();
  }

  List<EncryptedVolume> encrypted() throws IOException {
    List<EncryptedVolume> volumes = new ArrayList<>();
    for (String line : tree.readText("/etc/crypttab").orElse("").lines().toList()) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length >= 2 && !fields[0].startsWith("#") && volumes.size() < MAX_VOLUMES) {
        boolean asks = fields.length < 3 || fields[2].equals("none") || fields[2].equals("-");
        volumes.add(
            new EncryptedVolume(
                fields[0],
                fields[1],
                asks ? Optional.empty() : Optional.of(fields[2]),
                fields.length < 4 ? List.of() : List.of(fields[3].split(","))));
      }
    }
    return volumes;
  }

  private Optional<String> line(String path) throws IOException {
    return tree.readText(path)
        .flatMap(text -> text.lines().findFirst())
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /// A shell variable's value, without its quotes.
  private Optional<String> assigned(String path, String name) throws IOException {
    Matcher found =
        Pattern.compile("(?m)^[ \\t]*" + name + "=[\"']?([^\"'#;\\s$]+)")
            .matcher(tree.readText(path).orElse(""));
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }
}
