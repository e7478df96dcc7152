package io.calco.server.settings;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TimeSpan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What was set, from where. Values are checked when they are asked for.
///
/// Thread rule: safe, it does not change.
public final class Settings {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGT]?)");
  private static final String UNITS = "KMGT";

  /// Ours; more than any password or token.
  private static final int SECRET_MAX_BYTES = 16 << 10;

  private final Map<Setting, Entry> entries;

  /// A value and where it stands.
  ///
  /// @param from as messages name it: `CALCO_LISTEN`, `--listen`, `calco.properties: listen`
  private record Entry(String value, String from) {}

  /// A value as it is shown.
  ///
  /// @param value what is set, the default, or `(hidden)`; empty for nothing
  /// @param from where it comes from; `default` when nothing was set
  public record Shown(Setting setting, String value, String from) {}

  private Settings(Map<Setting, Entry> entries) {
    this.entries = entries;
  }

  /// Nothing set.
  public static Settings none() {
    return new Settings(Map.of());
  }

  /// Those of the environment alone.
  public static Settings of(Map<String, String> environment) throws IOException {
    return read(Optional.empty(), environment, Map.of());
  }

  /// All of them.
  ///
  /// @param file the file, which must be there
  /// @param environment the variables of the process
  /// @param words what the command line says, by key; secrets stand there only as `…-file`
  /// @throws OperationException of kind USAGE when a key is unknown, stands twice, or is a secret
  ///   on the command line
  public static Settings read(
      Optional<SettingsFile> file, Map<String, String> environment, Map<String, String> words)
      throws IOException {
    Map<Setting, Entry> entries = new EnumMap<>(Setting.class);
    if (file.isPresent()) {
      String name = file.get().path().toString();
      put(entries, file.get().values(), key -> name + ": " + key, name);
    }
    for (Setting setting : Setting.values()) {
      String value = environment.getOrDefault(setting.variable(), "");
      String secretFile = environment.getOrDefault(setting.variable() + "_FILE", "");
      if (setting.secret() && !secretFile.isEmpty()) {
        if (!value.isEmpty()) {
          throw twice(setting.variable(), setting.variable() + "_FILE");
        }
        String from = setting.variable() + "_FILE";
        entries.put(setting, new Entry(secret(from, secretFile), from));
      } else if (!value.isEmpty()) {
        entries.put(setting, new Entry(value, setting.variable()));
      }
    }
    for (String key : words.keySet()) {
      if (Stream.of(Setting.values()).anyMatch(s -> s.secret() && s.key().equals(key))) {
        throw new OperationException(
            Kind.USAGE,
            key + " is a secret, and others see the command line",
            "put it into a file, and give %s-file=FILE".formatted(key));
      }
    }
    put(entries, words, key -> "--" + key, "the command line");
    return new Settings(entries);
  }

  private static void put(
      Map<Setting, Entry> entries,
      Map<String, String> values,
      Function<String, String> from,
      String where)
      throws IOException {
    for (Map.Entry<String, String> given : values.entrySet()) {
      String key = given.getKey();
      Setting setting = SettingsFile.known(key, where);
      if (setting.key().equals(key)) {
        entries.put(setting, new Entry(given.getValue(), from.apply(key)));
      } else if (values.containsKey(setting.key())) {
        throw twice(from.apply(setting.key()), key);
      } else {
        entries.put(setting, new Entry(secret(from.apply(key), given.getValue()), from.apply(key)));
      }
    }
  }

  private static OperationException twice(String one, String other) {
    return new OperationException(Kind.USAGE, "both %s and %s are set".formatted(one, other));
  }

  /// The first line of a file.
  private static String secret(String from, String file) throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(Path.of(file))) {
      bytes = in.readNBytes(SECRET_MAX_BYTES);
    }
    String line = new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    if (line.isEmpty()) {
      throw new OperationException(Kind.USAGE, "%s: %s is empty".formatted(from, file));
    }
    return line;
  }

  /// All of them, as they are shown to people: secrets are not.
  public List<Shown> shown() {
    return Arrays.stream(Setting.values())
        .map(setting -> {
          Entry entry = entries.get(setting);
          if (entry == null) {
            return new Shown(setting, setting.otherwise().orElse(""), "default");
          }
          return new Shown(setting, setting.secret() ? "(hidden)" : entry.value(), entry.from());
        })
        .toList();
  }

  /// What was set, as variables of the environment would say it: for rooms that read those.
  public Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    entries.forEach((setting, entry) -> variables.put(setting.variable(), entry.value()));
    return variables;
  }

  /// A value, or its default; empty when there is neither.
  public Optional<String> find(Setting setting) {
    Entry entry = entries.get(setting);
    return entry == null
        ? setting.otherwise()
        : Optional.of(entry.value()).filter(value -> !value.isEmpty());
  }

  /// A value, or its default.
  ///
  /// @throws OperationException of kind USAGE when there is neither
  public String get(Setting setting) {
    return find(setting)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE,
                setting.key() + " is not set",
                "in the file, or as %s in the environment".formatted(setting.variable())));
  }

  /// What a rule makes of a value.
  ///
  /// @throws OperationException of kind USAGE when the rule throws one; it says where the value
  ///   stands
  public <T> T parse(Setting setting, Function<String, T> rule) {
    String value = get(setting);
    try {
      return rule.apply(value);
    } catch (OperationException e) {
      throw new OperationException(
          Kind.USAGE, from(setting) + ": " + e.getMessage(), e.hint().orElse(""));
    }
  }

  /// Where a value stands, as messages begin.
  public String from(Setting setting) {
    Entry entry = entries.get(setting);
    return entry == null ? setting.key() : entry.from();
  }

  /// A refusal of a value.
  ///
  /// @param reason goes on after the value in quotes: `is neither yes nor no`
  public OperationException refused(Setting setting, String reason) {
    return refused(setting, reason, "");
  }

  private OperationException refused(Setting setting, String reason, String hint) {
    return new OperationException(
        Kind.USAGE,
        "%s: \"%s\" %s".formatted(from(setting), find(setting).orElse(""), reason),
        hint);
  }

  /// One of the words that the setting's form lists.
  public String choice(Setting setting) {
    String value = get(setting);
    List<String> words = List.of(setting.form().split("\\|"));
    if (!words.contains(value)) {
      String all =
          String.join(", ", words.subList(0, words.size() - 1)) + " nor " + words.getLast();
      throw refused(setting, "is neither " + all);
    }
    return value;
  }

  /// Whether it is yes.
  public boolean yes(Setting setting) {
    return choice(setting).equals("yes");
  }

  /// A number from 0 on.
  public int number(Setting setting) {
    if (!get(setting).matches("\\d{1,9}")) {
      throw refused(setting, "is no whole number");
    }
    return Integer.parseInt(get(setting));
  }

  /// A length of time.
  public Duration duration(Setting setting) {
    return TimeSpan.find(get(setting))
        .orElseThrow(
            () -> refused(setting, "is no length of time", "such as 30s, 5m, 12h or 365d"));
  }

  /// A number of bytes.
  public long size(Setting setting) {
    Matcher matcher = SIZE.matcher(get(setting));
    if (!matcher.matches()) {
      throw refused(setting, "is no size", "such as 512M or 2G");
    }
    int unit = matcher.group(2).isEmpty() ? 0 : UNITS.indexOf(matcher.group(2)) + 1;
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * unit));
    } catch (ArithmeticException e) {
      throw refused(setting, "is larger than any disk");
    }
  }

  /// Words with commas between.
  public List<String> list(Setting setting) {
    return Stream.of(find(setting).orElse("").split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /// Values by name, in their order: `NAME=VALUE`, with commas between.
  public SequencedMap<String, String> named(Setting setting) {
    SequencedMap<String, String> all = new LinkedHashMap<>();
    for (String each : list(setting)) {
      int equals = each.indexOf('=');
      if (equals <= 0 || equals == each.length() - 1) {
        throw refused(setting, "is not NAME=…, with commas between");
      }
      if (all.put(each.substring(0, equals), each.substring(equals + 1)) != null) {
        throw refused(setting, "names one twice");
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return "Settings" + entries.keySet(); // no values: some are secrets
  }
}
