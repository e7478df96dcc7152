package io.calco.backup;

import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Writes the fields of JSON objects, in the order in which they are put; what is empty is left
/// out. Not thread-safe.
final class FieldWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;

  private FieldWriter(JsonGenerator json) {
    this.json = json;
  }

  /// A value as the text of an object.
  ///
  /// @param fields puts the value's fields
  static <T> String text(T value, BiConsumer<FieldWriter, T> fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      new FieldWriter(json).write(value, fields);
    }
    return text.toString();
  }

  void put(String name, String value) {
    json.writeStringProperty(name, value);
  }

  void put(String name, long value) {
    json.writeNumberProperty(name, value);
  }

  void put(String name, boolean value) {
    json.writeBooleanProperty(name, value);
  }

  void put(String name, Optional<String> value) {
    value.ifPresent(present -> put(name, present));
  }

  void put(String name, OptionalInt value) {
    value.ifPresent(present -> put(name, present));
  }

  void put(String name, OptionalLong value) {
    value.ifPresent(present -> put(name, present));
  }

  void put(String name, List<String> values) {
    json.writeArrayPropertyStart(name);
    values.forEach(json::writeString);
    json.writeEndArray();
  }

  <T> void object(String name, T value, BiConsumer<FieldWriter, T> fields) {
    json.writeName(name);
    write(value, fields);
  }

  <T> void optional(String name, Optional<T> value, BiConsumer<FieldWriter, T> fields) {
    value.ifPresent(present -> object(name, present, fields));
  }

  <T> void objects(String name, List<T> values, BiConsumer<FieldWriter, T> fields) {
    json.writeArrayPropertyStart(name);
    values.forEach(value -> write(value, fields));
    json.writeEndArray();
  }

  private <T> void write(T value, BiConsumer<FieldWriter, T> fields) {
    json.writeStartObject();
    fields.accept(this, value);
    json.writeEndObject();
  }
}
