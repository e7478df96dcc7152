package io.calco.server.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What pages say, in one language.
///
/// A message has a key, `login.title`; what stands before the first point names the bundle that has
/// it, `text/login_en.properties` beside this class, in UTF-8. `{0}`, `{1}` … stand for what is
/// given with it. A bundle must have the same keys in all languages, which a test holds.
///
/// Thread rule: immutable.
public final class Text {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final Map<String, Properties> BUNDLES = new ConcurrentHashMap<>();

  private final Language language;
  private final DateTimeFormatter moments;

  Text(Language language) {
    this.language = language;
    this.moments =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
            .withLocale(language.locale())
            .withZone(ZoneOffset.UTC);
  }

  /// Its language.
  public Language language() {
    return language;
  }

  /// The message of a key; the key where there is none.
  public String of(String key, Object... values) {
    String pattern = pattern(key);
    return pattern == null ? key : filled(pattern, values);
  }

  /// True when there is a message of that key.
  public boolean has(String key) {
    return pattern(key) != null;
  }

  /// The message of `key.one` or `key.other`, by how many there are; `{0}` is how many.
  public String count(String key, long count, Object... more) {
    Object[] values = new Object[more.length + 1];
    values[0] = number(count);
    System.arraycopy(more, 0, values, 1, more.length);
    return of(key + (count == 1 ? ".one" : ".other"), values);
  }

  private @Nullable String pattern(String key) {
    int point = key.indexOf('.');
    if (point < 1) {
      return null;
    }
    return BUNDLES
        .computeIfAbsent(key.substring(0, point) + "_" + language.tag(), Text::load)
        .getProperty(key);
  }

  /// Bundles are named by our own code, never by a client.
  private static Properties load(String name) {
    Properties bundle = new Properties();
    try (InputStream in = Text.class.getResourceAsStream("text/" + name + ".properties")) {
      if (in != null) {
        bundle.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bundle;
  }

  private static String filled(String pattern, Object... values) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int at = pattern.indexOf('{'); at >= 0; at = pattern.indexOf('{', from)) {
      text.append(pattern, from, at);
      boolean place = at + 2 < pattern.length() && pattern.charAt(at + 2) == '}';
      int index = place ? pattern.charAt(at + 1) - '0' : -1;
      if (index >= 0 && index < values.length) {
        text.append(values[index]);
        from = at + 3;
      } else {
        text.append('{');
        from = at + 1;
      }
    }
    return text.append(pattern, from, pattern.length()).toString();
  }

  /// A whole number, grouped.
  public String number(long number) {
    return NumberFormat.getIntegerInstance(language.locale()).format(number);
  }

  /// A size with three digits or so: `1.46 GiB`.
  ///
  /// @param bytes 0 or more
  public String size(long bytes) {
    int unit = 0;
    double amount = bytes;
    while (amount >= 1024 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    NumberFormat format = NumberFormat.getInstance(language.locale());
    int decimals = unit == 0 || amount >= 100 ? 0 : amount >= 10 ? 1 : 2;
    format.setMaximumFractionDigits(decimals);
    return format.format(amount) + "\u00a0" + UNITS[unit];
  }

  /// A part of a whole: `37 %`.
  public String share(long part, long whole) {
    double percent = whole == 0 ? 0 : 100.0 * part / whole;
    NumberFormat format = NumberFormat.getInstance(language.locale());
    format.setMaximumFractionDigits(percent >= 10 || percent == 0 ? 0 : 1);
    return format.format(percent) + "\u00a0%";
  }

  /// A moment, in UTC; the page's script puts it in the reader's own zone.
  public String moment(Instant moment) {
    return moments.format(moment) + " UTC";
  }

  /// How long something takes, roughly: `3 min 20 s`.
  public String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return seconds + "\u00a0s";
    }
    return seconds < 3600
        ? "%d\u00a0min %d\u00a0s".formatted(seconds / 60, seconds % 60)
        : "%d\u00a0h %d\u00a0min".formatted(seconds / 3600, seconds % 3600 / 60);
  }
}
