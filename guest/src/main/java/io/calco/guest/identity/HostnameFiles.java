package io.calco.guest.identity;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files that hold a guest's host name: `/etc/hostname` (all that run systemd, Debian, Alpine),
/// `/etc/HOSTNAME` (older SUSE), `/etc/sysconfig/network` (older Red Hat), `/etc/conf.d/hostname`
/// (OpenRC), its lines in `/etc/hosts`, and `/etc/mailname` (Debian's mail servers).
public final class HostnameFiles {
  private static final Pattern RED_HAT = Pattern.compile("(?m)^HOSTNAME=.*$");
  private static final Pattern OPENRC = Pattern.compile("(?m)^hostname=.*$");
  private static final Pattern LOOPBACK = Pattern.compile("\\s*(127\\.[0-9.]+|::1)\\s.*");
  private static final Pattern DEBIAN_SELF = Pattern.compile("\\s*127\\.0\\.1\\.1\\s.*");

  private static final Pattern TWICE = Pattern.compile("(\\slocalhost)(?:\\s+localhost)+(?!\\S)");

  private HostnameFiles() {}

  /// The guest's name now, as it is written; empty when no file says it.
  public static Optional<String> current(GuestTree tree) throws IOException {
    for (String file : List.of("/etc/hostname", "/etc/HOSTNAME")) {
      Optional<String> name = firstWord(tree.readText(file).orElse(""));
      if (name.isPresent()) {
        return name;
      }
    }
    Matcher matcher = RED_HAT.matcher(tree.readText("/etc/sysconfig/network").orElse(""));
    return matcher.find()
        ? Optional.of(matcher.group().substring("HOSTNAME=".length()).replace("\"", "").strip())
        : Optional.empty();
  }

  private static Optional<String> firstWord(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .findFirst();
  }

  /// Gives the guest the name everywhere.
  public static void set(Draft draft, Hostname name) throws IOException {
    Optional<String> old = current(draft.tree());
    draft.putText("/etc/hostname", name + "\n", 0644);
    if (draft.isFile("/etc/HOSTNAME")) {
      draft.putText("/etc/HOSTNAME", name + "\n", 0644);
    }
    draft.edit(
        "/etc/sysconfig/network", text -> RED_HAT.matcher(text).replaceAll("HOSTNAME=" + name));
    draft.edit(
        "/etc/conf.d/hostname",
        text -> OPENRC.matcher(text).replaceAll("hostname=\"" + name + "\""));
    boolean debian = OsRelease.of(draft.tree()).family() == OsRelease.Family.DEBIAN;
    draft.edit("/etc/hosts", text -> hosts(text, old, name, debian));
    if (old.isPresent()) {
      draft.edit("/etc/mailname", text -> renamed(text.strip(), old.get(), name) + "\n");
    }
  }

  /// Where lines for the loopback addresses have the old name they get the new one; Debian's line
  /// for the machine itself is always there, or with no name of its own never.
  private static String hosts(String text, Optional<String> old, Hostname name, boolean debian) {
    List<String> lines = new ArrayList<>();
    boolean self = false;
    int loopback = 0;
    for (String line : text.lines().toList()) {
      if (!LOOPBACK.matcher(line).matches()) {
        lines.add(line);
      } else if (DEBIAN_SELF.matcher(line).matches()) {
        if (!self && !name.equals(Hostname.NONE)) {
          lines.add(selfLine(line, old, name));
          loopback = lines.size();
        }
        self = true;
      } else {
        lines.add(words(line, old, name));
        loopback = line.strip().startsWith("127.") ? lines.size() : loopback;
      }
    }
    if (!self && debian && !name.equals(Hostname.NONE)) {
      lines.add(loopback, selfLine("", Optional.empty(), name));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String selfLine(String line, Optional<String> old, Hostname name) {
    String changed = words(line, old, name);
    if (!changed.equals(line)) {
      return changed;
    }
    String label = name.label();
    return "127.0.1.1\t" + (name.value().equals(label) ? label : name + " " + label);
  }

  /// The line with each name of the old machine replaced, its white space and comment kept.
  private static String words(String line, Optional<String> old, Hostname name) {
    int comment = line.indexOf('#');
    String entry = comment < 0 ? line : line.substring(0, comment);
    if (old.isEmpty() || old.get().equals(Hostname.NONE.value())) {
      return line;
    }
    String changed =
        Pattern.compile("\\S+")
            .matcher(entry)
            .replaceAll(m -> Matcher.quoteReplacement(renamed(m.group(), old.get(), name)));
    if (name.equals(Hostname.NONE)) {
      changed = TWICE.matcher(changed).replaceAll("$1");
    }
    return changed + (comment < 0 ? "" : line.substring(comment));
  }

  /// `old` becomes the new name, its first label the new label, and `label.domain` keeps its
  /// domain.
  private static String renamed(String word, String old, Hostname name) {
    int dot = old.indexOf('.');
    String oldLabel = dot < 0 ? old : old.substring(0, dot);
    if (word.equals(old)) {
      return name.value();
    }
    if (word.equals(oldLabel)) {
      return name.label();
    }
    return word.startsWith(oldLabel + ".")
        ? name.label() + word.substring(oldLabel.length())
        : word;
  }
}
