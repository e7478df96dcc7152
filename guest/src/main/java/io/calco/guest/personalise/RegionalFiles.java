package io.calco.guest.personalise;

import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import io.calco.guest.OsRelease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The files that hold a guest's language, time zone and keyboard: locale.conf(5), localtime(5),
/// vconsole.conf(5), Debian's `/etc/default/locale`, `/etc/timezone` and keyboard(5), Red Hat's and
/// SUSE's `/etc/sysconfig` of before systemd.
final class RegionalFiles {
  private static final String ZONES = "/usr/share/zoneinfo/";
  private static final String LOCALES = "/etc/locale.gen";

  private final Draft draft;
  private final boolean debian;

  private RegionalFiles(Draft draft) throws IOException {
    this.draft = draft;
    this.debian = OsRelease.of(draft.tree()).family() == OsRelease.Family.DEBIAN;
  }

  /// Drafts what is to change.
  ///
  /// @throws GuestRequestException when the guest has no such time zone
  static void set(Draft draft, Regional regional) throws IOException {
    RegionalFiles files = new RegionalFiles(draft);
    if (regional.timezone().isPresent()) {
      files.timezone(regional.timezone().get());
    }
    if (regional.locale().isPresent()) {
      files.locale(regional.locale().get());
    }
    if (regional.keyboard().isPresent()) {
      files.keyboard(regional);
    }
  }

  private void timezone(String zone) throws IOException {
    if (!draft.isFile(ZONES + zone)) {
      throw new GuestRequestException(
          "the guest has no time zone '%s' in %s".formatted(zone, ZONES));
    }
    draft.link("/etc/localtime", ".." + ZONES + zone);
    if (debian || draft.isFile("/etc/timezone")) {
      draft.putText("/etc/timezone", zone + "\n", 0644);
    }
    if (draft.isFile("/etc/sysconfig/clock")) {
      draft.edit(
          "/etc/sysconfig/clock", text -> changed(changed(text, "ZONE", zone), "TIMEZONE", zone));
    }
  }

  private void locale(String locale) throws IOException {
    assign(debian ? "/etc/default/locale" : "/etc/locale.conf", "LANG", locale);
    if (debian && draft.isFile("/etc/locale.conf")) {
      assign("/etc/locale.conf", "LANG", locale);
    }
    draft.edit("/etc/sysconfig/i18n", text -> changed(text, "LANG", locale));
    boolean builtIn = locale.startsWith("C") || locale.equals("POSIX");
    if (!builtIn && draft.isFile(LOCALES) && !generated(locale)) {
      String line = locale + " " + charset(locale);
      draft.edit(LOCALES, text -> withLine(text, line));
      draft.note("locale %s is asked for: the clone makes it with locale-gen".formatted(locale));
    }
  }

  private boolean generated(String locale) throws IOException {
    return draft.text(LOCALES).orElse("").lines().anyMatch(l -> l.startsWith(locale + " "));
  }

  private static String charset(String locale) {
    int dot = locale.indexOf('.');
    int at = locale.indexOf('@');
    return dot < 0 ? "ISO-8859-1" : locale.substring(dot + 1, at < 0 ? locale.length() : at);
  }

  /// The line without its comment sign, or at the end.
  private static String withLine(String text, String line) {
    Pattern commented = Pattern.compile("(?m)^#\\s*" + Pattern.quote(line) + "\\s*$");
    return commented.matcher(text).find()
        ? commented.matcher(text).replaceFirst(line)
        : ended(text) + line + "\n";
  }

  private void keyboard(Regional regional) throws IOException {
    if (debian || draft.isFile("/etc/default/keyboard")) {
      assign("/etc/default/keyboard", "XKBLAYOUT", "\"" + regional.layout() + "\"");
      assign("/etc/default/keyboard", "XKBVARIANT", "\"" + regional.variant() + "\"");
    }
    if (!debian || draft.isFile("/etc/vconsole.conf")) {
      String variant = regional.variant();
      assign(
          "/etc/vconsole.conf",
          "KEYMAP",
          variant.isEmpty() ? regional.layout() : regional.layout() + "-" + variant);
      assign("/etc/vconsole.conf", "XKBLAYOUT", regional.layout());
    }
  }

  /// Gives a shell variable its value in a file that is made when it is missing.
  private void assign(String path, String name, String value) throws IOException {
    String text = draft.text(path).orElse("");
    String changed = changed(text, name, value);
    boolean there = text.lines().anyMatch(line -> line.startsWith(name + "="));
    draft.putText(path, there ? changed : ended(text) + name + "=" + value + "\n", 0644);
  }

  /// The text with each assignment to the variable changed.
  private static String changed(String text, String name, String value) {
    List<String> lines = new ArrayList<>();
    text.lines().forEach(l -> lines.add(l.startsWith(name + "=") ? name + "=" + value : l));
    return lines.isEmpty() ? text : String.join("\n", lines) + "\n";
  }

  private static String ended(String text) {
    return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
  }
}
