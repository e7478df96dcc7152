package io.calco.guest.windows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What Windows calls the world's time zones. Thread rule: safe.
///
/// Source: Unicode CLDR, `windowsZones.xml`.
public final class TimeZones {
  private static final Map<String, String> WINDOWS = read();

  private TimeZones() {}

  /// Windows' name: `Romance Standard Time`.
  ///
  /// @param name the tz database's, such as `Europe/Madrid`, or Windows' own
  /// @return empty when there is no such zone, or none that Windows knows
  public static Optional<String> windowsName(String name) {
    return Optional.ofNullable(WINDOWS.get(name));
  }

  private static Map<String, String> read() {
    Map<String, String> names = new HashMap<>();
    try (InputStream in =
            Objects.requireNonNull(TimeZones.class.getResourceAsStream("time-zones.txt"));
        BufferedReader text =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
        int equals = line.indexOf('=');
        String windows = line.substring(0, equals);
        names.put(windows, windows);
        List.of(line.substring(equals + 1).split(" ")).forEach(name -> names.put(name, windows));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(names);
  }
}
