package io.calco.server.settings;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/// A file of settings, read.
///
/// @param values as they stand there, by key; all keys are known
public record SettingsFile(Path path, Map<String, String> values) {
  private static final int MAX_BYTES = 1 << 20;

  /// A word is another one mistyped when at most so many letters are.
  private static final int TYPOS_MAX = 4;

  /// Copies the map.
  public SettingsFile {
    values = Map.copyOf(values);
  }

  /// Where the file is looked for when none is named: `/etc/calco/calco.properties` for root,
  /// `~/.config/calco/calco.properties` for others.
  public static Path usual(Map<String, String> environment) {
    if (System.getProperty("user.name", "").equals("root")) {
      return Path.of("/etc/calco/calco.properties");
    }
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path base =
        config.isEmpty()
            ? Path.of(System.getProperty("user.home", "."), ".config")
            : Path.of(config);
    return base.resolve("calco").resolve("calco.properties");
  }

  /// Reads the file that was named, which must be there; or else the usual one, if it is.
  ///
  /// @throws OperationException of kind USAGE when it cannot be understood
  public static Optional<SettingsFile> find(Optional<Path> named, Map<String, String> environment)
      throws IOException {
    Path path = named.orElseGet(() -> usual(environment));
    return named.isEmpty() && !Files.exists(path) ? Optional.empty() : Optional.of(read(path));
  }

  private static SettingsFile read(Path path) throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new OperationException(Kind.USAGE, path + ": larger than any file of settings");
    }
    var read = new Once(path);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      read.load(new StringReader(text));
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, path + ": not a text in UTF-8 of KEY = VALUE");
    }
    for (String key : read.values.keySet()) {
      known(key, path.toString());
    }
    return new SettingsFile(path, read.values);
  }

  /// The setting of a key; of a secret, `…-file` is one too.
  static Setting known(String key, String where) {
    return Stream.of(Setting.values())
        .filter(setting -> keys(setting).anyMatch(key::equals))
        .findFirst()
        .orElseThrow(() -> unknown(key, where));
  }

  private static Stream<String> keys(Setting setting) {
    return setting.secret()
        ? Stream.of(setting.key(), setting.key() + "-file")
        : Stream.of(setting.key());
  }

  private static OperationException unknown(String key, String where) {
    String nearest =
        Arrays.stream(Setting.values())
            .flatMap(SettingsFile::keys)
            .min(Comparator.comparingInt(known -> distance(key.replace('_', '-'), known)))
            .orElseThrow();
    String hint =
        distance(key.replace('_', '-'), nearest) <= TYPOS_MAX
            ? "did you mean: %s?".formatted(nearest)
            : "see: calco serve --print-config";
    return new OperationException(
        Kind.USAGE, "%s: there is no setting \"%s\"".formatted(where, key), hint);
  }

  /// How many letters must be put in, taken out or changed to make one word the other
  /// (Levenshtein).
  private static int distance(String a, String b) {
    int[] last = new int[b.length() + 1];
    Arrays.setAll(last, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(last[j], row[j - 1]) + 1);
      }
      last = row;
    }
    return last[b.length()];
  }

  /// Properties that stand there once each.
  private static final class Once extends Properties {
    private static final long serialVersionUID = 1L;

    private final transient Path path;
    private final transient Map<String, String> values = new LinkedHashMap<>();

    Once(Path path) {
      this.path = path;
    }

    @Override
    public synchronized Object put(Object key, Object value) {
      if (values.put((String) key, ((String) value).strip()) != null) {
        throw new OperationException(Kind.USAGE, "%s: %s stands there twice".formatted(path, key));
      }
      return super.put(key, value);
    }
  }
}
