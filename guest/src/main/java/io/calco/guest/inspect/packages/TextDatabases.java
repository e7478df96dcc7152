package io.calco.guest.inspect.packages;

import io.calco.disk.LimitExceededException;
import io.calco.fs.GuestNames;
import io.calco.guest.GuestTree;
import io.calco.guest.inspect.packages.InstalledPackages.Sink;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The databases that are text. A line counts with its first 256 bytes (ours).
final class TextDatabases {
  /// dpkg's words for what is there and set up; the last two wait for another package.
  private static final Set<String> INSTALLED =
      Set.of("installed", "triggers-awaited", "triggers-pending");

  private static final int MAX_LINE = 256;
  private static final long MAX_FILE = 256L << 20; // ours; Debian's is 5 MB
  private static final int MAX_DESCRIPTION = 1 << 16; // ours: bytes of a pacman package's desc

  private TextDatabases() {}

  /// Takes lines.
  @FunctionalInterface
  private interface Lines {
    void accept(String line) throws IOException;
  }

  /// Paragraphs of fields. A package of which only the configuration is left is not installed.
  static boolean dpkg(GuestTree tree, Sink sink, List<String> warnings) throws IOException {
    return paragraphs(
        tree,
        "/var/lib/dpkg/status",
        List.of("Package: ", "Version: ", "Architecture: ", "Status: "),
        fields -> {
          String status = fields.getOrDefault("Status: ", "");
          if (INSTALLED.contains(status.substring(status.lastIndexOf(' ') + 1))) {
            add(fields, "Package: ", "Version: ", "Architecture: ", sink);
          }
        });
  }

  /// Paragraphs of fields with one letter. Since Alpine 3.23 they lie below `/usr`.
  static boolean apk(GuestTree tree, Sink sink, List<String> warnings) throws IOException {
    for (String path : List.of("/lib/apk/db/installed", "/usr/lib/apk/db/installed")) {
      if (paragraphs(
          tree, path, List.of("P:", "V:", "A:"), fields -> add(fields, "P:", "V:", "A:", sink))) {
        return true;
      }
    }
    return false;
  }

  /// A directory for each package; in its `desc` a line names the field, the next is its value.
  static boolean pacman(GuestTree tree, Sink sink, List<String> warnings) throws IOException {
    if (!tree.isDirectory("/var/lib/pacman/local")) {
      return false;
    }
    for (String path : tree.glob("/var/lib/pacman/local/*/desc")) {
      byte[] text = tree.readStart(path, MAX_DESCRIPTION).orElse(new byte[0]);
      List<String> lines = GuestNames.decode(text).lines().toList();
      Map<String, String> fields = new HashMap<>();
      for (int i = 0; i + 1 < lines.size(); i++) {
        if (List.of("%NAME%", "%VERSION%", "%ARCH%").contains(lines.get(i))) {
          String value = lines.get(i + 1);
          fields.putIfAbsent(lines.get(i), value.substring(0, Math.min(MAX_LINE, value.length())));
        }
      }
      add(fields, "%NAME%", "%VERSION%", "%ARCH%", sink);
    }
    return true;
  }

  /// Takes a paragraph's fields.
  @FunctionalInterface
  private interface Paragraph {
    void accept(Map<String, String> fields) throws IOException;
  }

  private static boolean paragraphs(
      GuestTree tree, String path, List<String> names, Paragraph paragraph) throws IOException {
    Optional<InputStream> file = tree.stream(path);
    if (file.isEmpty()) {
      return false;
    }
    Map<String, String> fields = new HashMap<>();
    lines(
        file.get(),
        path,
        line -> {
          if (line.isEmpty()) {
            paragraph.accept(fields);
            fields.clear();
          }
          for (String name : names) {
            if (line.startsWith(name)) {
              fields.putIfAbsent(name, line.substring(name.length()));
            }
          }
        });
    paragraph.accept(fields);
    return true;
  }

  private static void add(
      Map<String, String> fields, String name, String version, String architecture, Sink sink)
      throws IOException {
    String called = fields.getOrDefault(name, "");
    if (!called.isEmpty()) {
      sink.accept(
          InstalledPackage.of(
              called,
              fields.getOrDefault(version, ""),
              Optional.ofNullable(fields.get(architecture))));
    }
  }

  private static void lines(InputStream file, String path, Lines lines) throws IOException {
    byte[] line = new byte[MAX_LINE];
    int length = 0;
    long left = MAX_FILE;
    try (InputStream in = new BufferedInputStream(file, 1 << 18)) {
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (left-- == 0) {
          throw new LimitExceededException(
              "%s in the guest: more than %d bytes (our limit)".formatted(path, MAX_FILE));
        }
        if (c == '\n') {
          lines.accept(GuestNames.decode(Arrays.copyOf(line, length)));
          length = 0;
        } else if (length < line.length) {
          line[length++] = (byte) c;
        }
      }
    }
    lines.accept(GuestNames.decode(Arrays.copyOf(line, length)));
  }
}
