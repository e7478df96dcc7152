package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the text that LVM2 keeps a volume group in: `name = value`, `name { … }`, comments from
/// `#` to the end of the line; a value is a string, a number or a list of them. Bytes above 127
/// pass through as they are.
final class TextParser {
  private static final int MAX_DEPTH = 16; // ours; LVM2 writes 4
  private static final int MAX_NODES = 2_000_000; // ours

  private final String text;
  private int at;
  private int nodes;

  private TextParser(byte[] text) {
    this.text = new String(text, StandardCharsets.ISO_8859_1);
  }

  /// Reads the whole text.
  static Section parse(byte[] text) throws CorruptImageException, LimitExceededException {
    TextParser parser = new TextParser(text);
    Section all = new Section("");
    parser.fill(all, 0);
    return all;
  }

  private void fill(Section section, int depth)
      throws CorruptImageException, LimitExceededException {
    while (true) {
      char next = peek();
      if (next == 0 && depth == 0) {
        return;
      }
      if (next == '}' && depth > 0) {
        at++;
        return;
      }
      String name = name();
      count();
      char sign = peek();
      at++;
      if (section.nodes().containsKey(name)) {
        throw wrong("a name that is not there yet");
      }
      if (sign == '=') {
        section.put(name, value());
      } else if (sign == '{') {
        if (depth == MAX_DEPTH) {
          throw new LimitExceededException(
              "LVM2: sections more than %d deep (our limit)".formatted(MAX_DEPTH));
        }
        fill(section.add(name), depth + 1);
      } else {
        throw wrong("= or {");
      }
    }
  }

  private void count() throws LimitExceededException {
    if (++nodes > MAX_NODES) {
      throw new LimitExceededException(
          "LVM2: more than %d values in the metadata (our limit)".formatted(MAX_NODES));
    }
  }

  private ConfigNode.Value value() throws CorruptImageException, LimitExceededException {
    if (peek() != '[') {
      return scalar();
    }
    at++;
    List<ConfigNode.Value> values = new ArrayList<>();
    while (peek() != ']') {
      values.add(scalar());
      count();
      if (peek() == ',') {
        at++;
      } else if (peek() != ']') {
        throw wrong(", or ]");
      }
    }
    at++;
    return new ConfigNode.Values(values);
  }

  private ConfigNode.Value scalar() throws CorruptImageException {
    char first = peek();
    if (first == '"') {
      at++;
      return new ConfigNode.Text(quoted());
    }
    int start = at;
    while (at < text.length() && "+-.0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (at == start) {
      throw wrong("a string or a number");
    }
    return new ConfigNode.Digits(text.substring(start, at));
  }

  private String quoted() throws CorruptImageException {
    StringBuilder string = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return string.toString();
      }
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at);
        if (escaped == '"' || escaped == '\\') {
          c = escaped;
          at++;
        }
      }
      string.append(c);
    }
    throw wrong("the string's end");
  }

  private String name() throws CorruptImageException {
    int start = at;
    while (at < text.length() && PlainName.isLetter(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw wrong("a name");
    }
    return text.substring(start, at);
  }

  /// The next character that counts; 0 at the end, which a zero byte is too.
  private char peek() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else {
        return c;
      }
    }
    return 0;
  }

  private CorruptImageException wrong(String expected) {
    String found =
        at < text.length()
            ? PlainName.of(text.substring(at, Math.min(at + 16, text.length())))
            : "the end";
    return new CorruptImageException(
        "LVM2: metadata text, byte %d: found %s, expected %s".formatted(at, found, expected));
  }
}
