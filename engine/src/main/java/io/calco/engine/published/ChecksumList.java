package io.calco.engine.published;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A list of files and their checksums: `SHA256SUMS`.
public final class ChecksumList {
  /// Bytes of a list, ours; Ubuntu's have 4 KiB.
  public static final int BYTES_MAX = 4 << 20;

  private static final Pattern PLAIN =
      Pattern.compile("([0-9a-fA-F]{64}|[0-9a-fA-F]{128}) [ *](.+)");
  private static final Pattern TAGGED =
      Pattern.compile("SHA(256|512) \\((.+)\\) = ([0-9a-fA-F]{64}|[0-9a-fA-F]{128})");

  private final String name;
  private final Map<String, Checksum> sums = new HashMap<>();
  private final Set<String> disputed = new HashSet<>();

  private ChecksumList(String name) {
    this.name = name;
  }

  /// Reads a list; lines that are none of it are left out.
  ///
  /// @param name for messages
  /// @param text at most [#BYTES_MAX] bytes of it
  public static ChecksumList parse(String name, byte[] text) {
    ChecksumList list = new ChecksumList(name);
    new String(text, StandardCharsets.UTF_8).lines().forEach(list::add);
    return list;
  }

  private void add(String line) {
    Matcher plain = PLAIN.matcher(line.stripTrailing());
    Matcher tagged = TAGGED.matcher(line.stripTrailing());
    if (plain.matches()) {
      add(plain.group(2), plain.group(1));
    } else if (tagged.matches()) {
      add(tagged.group(2), tagged.group(3));
    }
  }

  private void add(String file, String hex) {
    Checksum sum = new Checksum(Checksum.Algorithm.ofDigits(hex.length()).orElseThrow(), hex);
    String plain = file.startsWith("./") ? file.substring(2) : file;
    Checksum before = sums.put(plain, sum);
    if (before != null && before.algorithm() == sum.algorithm() && !before.equals(sum)) {
      disputed.add(plain);
    }
    if (before != null && before.algorithm().compareTo(sum.algorithm()) > 0) {
      sums.put(plain, before); // the longer one
    }
  }

  /// The checksum of a file.
  ///
  /// @param file its name, without directories
  /// @throws OperationException NOT_FOUND when the list does not have it, CORRUPT when it has
  ///   several
  public Checksum get(String file) {
    if (disputed.contains(file)) {
      throw new OperationException(
          Kind.CORRUPT, "%s has several checksums for %s".formatted(name, file));
    }
    Checksum sum = sums.get(file);
    if (sum == null) {
      throw new OperationException(
          Kind.NOT_FOUND,
          "%s has no checksum for %s".formatted(name, file),
          sums.isEmpty()
              ? "it holds no SHA-256 or SHA-512 checksum at all"
              : "it has %d others; the name must be the published one".formatted(sums.size()));
    }
    return sum;
  }

  @Override
  public String toString() {
    return "%s (%d checksums)".formatted(name, sums.size()).toLowerCase(Locale.ROOT);
  }
}
