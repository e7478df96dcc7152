package io.calco.backup;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// The fields of a JSON object, each asked for by its name and what it must be; those that nobody
/// asks for are passed over, and null is as good as absent. A field that is missing or something
/// else is an [IllegalArgumentException] whose message names it. Does not change.
///
/// @param fields by name: maps, lists, strings, booleans, [Long], and [Double] for other numbers
record FieldReader(Map<?, ?> fields) {
  private static final int MAX_DEPTH = 16; // ours
  private static final int MAX_LENGTH = 1 << 20; // the store's

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(MAX_LENGTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxNumberLength(32)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /// The object that a text is.
  ///
  /// @throws tools.jackson.core.JacksonException when it is no JSON
  static FieldReader of(String text) {
    try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        FieldReader fields = new FieldReader(object(json));
        if (json.nextToken() == null) {
          return fields;
        }
      }
      throw new IllegalArgumentException("no object, or more than one");
    }
  }

  String text(String name) {
    return get(name, String.class, "a text");
  }

  Optional<String> findText(String name) {
    return find(name, String.class, "a text");
  }

  boolean flag(String name) {
    return get(name, Boolean.class, "true or false");
  }

  Optional<Boolean> findFlag(String name) {
    return find(name, Boolean.class, "true or false");
  }

  long number(String name) {
    return get(name, Long.class, "a whole number");
  }

  OptionalLong findNumber(String name) {
    Optional<Long> found = find(name, Long.class, "a whole number");
    return found.isPresent() ? OptionalLong.of(found.get()) : OptionalLong.empty();
  }

  Optional<Integer> findInteger(String name) {
    return find(name, Long.class, "a whole number").map(number -> count(name, number));
  }

  int count(String name) {
    return count(name, number(name));
  }

  OptionalInt findCount(String name) {
    Optional<Integer> found = findInteger(name);
    return found.isPresent() ? OptionalInt.of(found.get()) : OptionalInt.empty();
  }

  private static int count(String name, long number) {
    if (number != (int) number) {
      throw wrong(name, number, "a number of 32 bits");
    }
    return (int) number;
  }

  UUID uuid(String name) {
    String text = text(name);
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw wrong(name, text, "a UUID");
    }
  }

  Instant time(String name) {
    String text = text(name);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw wrong(name, text, "a time");
    }
  }

  /// One of some values, each of which has a word.
  <T> T word(String name, T[] values, Function<T, String> word) {
    String text = text(name);
    for (T value : values) {
      if (word.apply(value).equals(text)) {
        return value;
      }
    }
    throw wrong(name, text, "one of " + Arrays.stream(values).map(word).toList());
  }

  List<String> texts(String name) {
    return list(name, String.class, Function.identity());
  }

  <T> T object(String name, Function<FieldReader, T> read) {
    return read.apply(new FieldReader(get(name, Map.class, "an object")));
  }

  <T> Optional<T> findObject(String name, Function<FieldReader, T> read) {
    return find(name, Map.class, "an object").map(found -> read.apply(new FieldReader(found)));
  }

  <T> List<T> objects(String name, Function<FieldReader, T> read) {
    return list(name, Map.class, found -> read.apply(new FieldReader(found)));
  }

  private <E, T> List<T> list(String name, Class<E> type, Function<E, T> read) {
    List<T> list = new ArrayList<>();
    for (Object one : get(name, List.class, "a list")) {
      if (!type.isInstance(one)) {
        throw wrong(name, one, "a list of " + (type == Map.class ? "objects" : "texts"));
      }
      list.add(read.apply(type.cast(one)));
    }
    return list;
  }

  private <T> T get(String name, Class<T> type, String expected) {
    return find(name, type, expected)
        .orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }

  private <T> Optional<T> find(String name, Class<T> type, String expected) {
    Object value = fields.get(name);
    if (value != null && !type.isInstance(value)) {
      throw wrong(name, value, expected);
    }
    return Optional.ofNullable(type.cast(value));
  }

  private static IllegalArgumentException wrong(
      String name, @Nullable Object found, String expected) {
    return new IllegalArgumentException(
        "%s: found %s, expected %s".formatted(name, found, expected));
  }

  private static @Nullable Object value(JsonParser json) {
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> array(json);
      case VALUE_STRING -> json.getString();
      case VALUE_NUMBER_INT ->
          json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) json.getDoubleValue()
              : (Object) json.getLongValue();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser json) {
    Map<String, @Nullable Object> fields = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      fields.put(name, value(json));
    }
    return fields;
  }

  private static List<@Nullable Object> array(JsonParser json) {
    List<@Nullable Object> list = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(json));
    }
    return list;
  }
}
