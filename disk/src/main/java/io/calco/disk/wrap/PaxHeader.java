package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What pax records (POSIX.1-2001) say of the next member. Only those that matter here are kept.
final class PaxHeader {
  private static final String SPARSE = "GNU.sparse.";

  private final Map<String, String> values = new HashMap<>();

  /// The sparse map of GNU's version 0.0, whose records repeat: offsets and lengths by turns.
  private final StringBuilder map = new StringBuilder();

  /// No records.
  PaxHeader() {}

  /// What holds for all members.
  PaxHeader(PaxHeader global) {
    values.putAll(global.values);
  }

  /// Takes the records of a header.
  ///
  /// @param file for messages
  /// @param offset where the records stand
  void parse(String file, long offset, byte[] records) throws CorruptImageException {
    for (int at = 0; at < records.length; ) {
      int digits = at;
      int length = 0;
      while (digits < records.length && records[digits] >= '0' && records[digits] <= '9') {
        length = Math.min(length * 10 + records[digits] - '0', 1 << 24);
        digits++;
      }
      int end = at + length;
      int key = digits + 1;
      if (end > records.length
          || key >= end
          || records[digits] != ' '
          || records[end - 1] != '\n') {
        throw CorruptImageException.at(
            file, "pax record", offset + at, "no length, or a wrong one", "\"LENGTH KEY=VALUE\"");
      }
      String record = new String(records, key, end - 1 - key, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals < 0) {
        throw CorruptImageException.at(file, "pax record", offset + at, "no =", "KEY=VALUE");
      }
      put(record.substring(0, equals), record.substring(equals + 1));
      at = end;
    }
  }

  private void put(String key, String value) {
    switch (key) {
      case SPARSE + "offset", SPARSE + "numbytes" ->
          map.append(map.isEmpty() ? "" : ",").append(value);
      case "path", "size" -> values.put(key, value);
      default -> {
        if (key.startsWith(SPARSE)) {
          values.put(key, value);
        }
      }
    }
  }

  /// The member's name.
  Optional<String> name() {
    return Optional.ofNullable(values.get(SPARSE + "name"))
        .or(() -> Optional.ofNullable(values.get("path")));
  }

  /// The bytes that follow the header.
  OptionalLong size(String file) throws CorruptImageException {
    return number(file, "size");
  }

  /// The size with holes, of a sparse file.
  OptionalLong realSize(String file) throws CorruptImageException {
    OptionalLong size = number(file, SPARSE + "realsize");
    return size.isPresent() ? size : number(file, SPARSE + "size");
  }

  /// The map of a sparse file of version 0.0 or 0.1.
  Optional<String> sparseMap() {
    return Optional.ofNullable(values.get(SPARSE + "map"))
        .or(() -> map.isEmpty() ? Optional.empty() : Optional.of(map.toString()));
  }

  /// The map stands in front of the data: version 1.0.
  boolean mapInData() {
    return "1".equals(values.get(SPARSE + "major"));
  }

  private OptionalLong number(String file, String key) throws CorruptImageException {
    String value = values.get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(number(file, key, value));
  }

  /// A decimal number below 2^62.
  static long number(String file, String what, String digits) throws CorruptImageException {
    if (!digits.matches("[0-9]{1,18}")) {
      throw new CorruptImageException("%s: pax record %s is no number".formatted(file, what));
    }
    return Long.parseLong(digits);
  }
}
