package io.calco.cli;

import java.io.PrintStream;
import java.io.StringWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/// Prints JSON for scripts: maps, collections and plain values, fields in the order given.
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /// A value that is JSON already.
  record Raw(String text) {}

  /// An object whose fields keep their order.
  static final class Fields {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    /// Adds a field.
    Fields put(String name, Object value) {
      fields.put(name, value);
      return this;
    }

    /// Adds a field when there is a value.
    Fields put(String name, Optional<?> value) {
      value.ifPresent(present -> fields.put(name, present));
      return this;
    }
  }

  /// A new, empty object.
  static Fields object() {
    return new Fields();
  }

  /// Prints a value and ends the line.
  static void print(PrintStream out, Object value) {
    out.println(text(value));
  }

  /// Prints a value in one line.
  static void printLine(PrintStream out, Object value) {
    out.println(text(ObjectWriteContext.empty(), value));
  }

  static String text(Object value) {
    return text(new Indented(), value);
  }

  private static String text(ObjectWriteContext how, Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(how, text)) {
      write(json, value);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Object value) {
    switch (value) {
      case Fields object -> write(json, object.fields);
      case Map<?, ?> map -> {
        json.writeStartObject();
        map.forEach((name, field) -> {
          json.writeName(name.toString());
          write(json, field);
        });
        json.writeEndObject();
      }
      case Collection<?> list -> {
        json.writeStartArray();
        list.forEach(item -> write(json, item));
        json.writeEndArray();
      }
      case Raw raw -> json.writeRawValue(raw.text());
      case Boolean flag -> json.writeBoolean(flag);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      default -> json.writeString(value.toString());
    }
  }

  /// Four blanks a level, as qemu-img indents.
  private static final class Indented extends ObjectWriteContext.Base {
    @Override
    public PrettyPrinter getPrettyPrinter() {
      DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
      return new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectNameValueSpacing(Separators.Spacing.AFTER))
          .withObjectIndenter(indenter)
          .withArrayIndenter(indenter);
    }
  }
}
