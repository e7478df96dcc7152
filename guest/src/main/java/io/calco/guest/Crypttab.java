package io.calco.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `/etc/crypttab`: the names under which a guest opens its LUKS volumes; see crypttab(5).
///
/// @param entries in the file's order
record Crypttab(List<Entry> entries) {
  private static final int MAX_ENTRIES = 256; // ours
  private static final String MAPPER = "/dev/mapper/";
  private static final Pattern BY_UUID =
      Pattern.compile("(?:UUID=|/dev/disk/by-uuid/)\"?([0-9A-Fa-f-]{36})\"?");

  /// A volume that the table names by its UUID.
  ///
  /// @param name what it is called when it is open
  /// @param uuid its own, in lower case
  record Entry(String name, String uuid) {}

  /// Copies the list.
  Crypttab {
    entries = List.copyOf(entries);
  }

  /// Reads the table; what is not named by a UUID is left out, and so is what comes after 256
  /// entries.
  static Crypttab parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] field = line.strip().split("\\s+");
      if (line.strip().startsWith("#") || field.length < 2 || entries.size() >= MAX_ENTRIES) {
        continue;
      }
      Matcher device = BY_UUID.matcher(field[1]);
      if (device.matches()) {
        entries.add(new Entry(field[0], device.group(1).toLowerCase(Locale.ROOT)));
      }
    }
    return new Crypttab(entries);
  }

  /// The name of a device that stays the same whatever the guest calls it: the open volume's by its
  /// UUID for the one in the table.
  String resolve(String device) {
    Optional<Entry> named =
        entries.stream().filter(entry -> device.equals(MAPPER + entry.name())).findFirst();
    return named.map(entry -> MAPPER + "luks-" + entry.uuid()).orElse(device);
  }
}
