package io.calco.guest.seed;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/// Writes maps, collections, texts, numbers and truth values as JSON (RFC 8259) that YAML 1.1 reads
/// as the same. Confined to one thread.
final class SeedText {
  private final StringBuilder out = new StringBuilder();

  private SeedText() {}

  /// The text, with a line end.
  static String of(Object value) {
    SeedText text = new SeedText();
    text.write(value, "\n");
    return text.out.append('\n').toString();
  }

  private void write(Object value, String line) {
    switch (value) {
      case Map<?, ?> map -> {
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        writeAll(
            '{',
            '}',
            entries,
            line,
            entry -> {
              quote(entry.getKey().toString());
              out.append(": ");
              write(entry.getValue(), line + "  ");
            });
      }
      case Collection<?> list ->
          writeAll('[', ']', list.iterator(), line, item -> write(item, line + "  "));
      case Boolean _, Integer _ -> out.append(value);
      default -> quote(value.toString());
    }
  }

  private <T> void writeAll(
      char open,
      char close,
      Iterator<? extends T> items,
      String line,
      java.util.function.Consumer<T> writer) {
    out.append(open);
    boolean empty = !items.hasNext();
    while (items.hasNext()) {
      out.append(line).append("  ");
      writer.accept(items.next());
      out.append(items.hasNext() ? "," : "");
    }
    out.append(empty ? "" : line).append(close);
  }

  private void quote(String text) {
    out.append('"');
    text.codePoints().forEach(this::quote);
    out.append('"');
  }

  private void quote(int c) {
    boolean control = Character.getType(c) == Character.CONTROL;
    boolean lineEnd = c == 0x2028 || c == 0x2029;
    boolean noCharacter = c >= 0xD800 && c <= 0xDFFF || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
    if (c == '"' || c == '\\') {
      out.append('\\').appendCodePoint(c);
    } else if (control || lineEnd || noCharacter) {
      out.append("\\u%04x".formatted(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    } else {
      out.appendCodePoint(c);
    }
  }
}
