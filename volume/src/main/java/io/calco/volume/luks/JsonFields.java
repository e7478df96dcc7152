package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The fields of a JSON object that an image holds: each is there, of its type and in its bounds,
/// or the image is corrupt.
///
/// @param file for messages
/// @param path where the object stands in its document: `keyslots.0.kdf`
/// @param node the object
record JsonFields(String file, String path, ObjectNode node) {
  private static final int SHOWN = 40; // ours: letters of a wrong value in a message

  boolean has(String name) {
    return node.has(name);
  }

  JsonFields object(String name) throws CorruptImageException {
    if (require(name) instanceof ObjectNode object) {
      return new JsonFields(file, inside(name), object);
    }
    throw wrong(name, "an object");
  }

  /// The objects that are an object's values.
  ///
  /// @param most how many there may be
  SequencedMap<String, JsonFields> objects(String name, int most) throws CorruptImageException {
    JsonFields all = object(name);
    if (all.node.size() > most) {
      throw wrong(name, "at most " + most + " members");
    }
    SequencedMap<String, JsonFields> objects = new LinkedHashMap<>();
    for (String key : all.node.propertyNames()) {
      objects.put(key, all.object(key));
    }
    return objects;
  }

  String text(String name) throws CorruptImageException {
    JsonNode value = require(name);
    if (!value.isString()) {
      throw wrong(name, "a string");
    }
    return value.stringValue();
  }

  /// The strings of an array, at most `most`.
  List<String> texts(String name, int most) throws CorruptImageException {
    JsonNode value = require(name);
    if (!value.isArray() || value.size() > most) {
      throw wrong(name, "an array of at most " + most + " strings");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      if (!element.isString()) {
        throw wrong(name, "an array of strings");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  /// A whole number.
  int number(String name, int least, int most) throws CorruptImageException {
    JsonNode value = require(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(name, "a number from %d to %d".formatted(least, most));
    }
    return value.intValue();
  }

  /// A count of bytes or sectors, which stands as a string of decimal digits.
  long size(String name) throws CorruptImageException {
    String text = text(name);
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw wrong(name, "a string of 1 to 18 digits");
    }
    return Long.parseLong(text);
  }

  /// Bytes in base 64.
  byte[] bytes(String name, int least, int most) throws CorruptImageException {
    String text = text(name);
    if (text.length() <= 2 * most + 4) {
      try {
        byte[] bytes = Base64.getDecoder().decode(text);
        if (bytes.length >= least && bytes.length <= most) {
          return bytes;
        }
      } catch (IllegalArgumentException notBase64) {
        // told below
      }
    }
    throw wrong(name, "%d to %d bytes in base 64".formatted(least, most));
  }

  private JsonNode require(String name) throws CorruptImageException {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new CorruptImageException(
          "%s: LUKS2 metadata: %s is missing".formatted(file, inside(name)));
    }
    return value;
  }

  private String inside(String name) {
    String printable = printable(name);
    return path.isEmpty() ? printable : path + "." + printable;
  }

  private CorruptImageException wrong(String name, String expected) {
    return new CorruptImageException(
        "%s: LUKS2 metadata: %s: found %s, expected %s"
            .formatted(file, inside(name), printable(String.valueOf(node.get(name))), expected));
  }

  /// At most so much of a text as goes into a message, on one line.
  static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), SHOWN); i++) {
      char letter = text.charAt(i);
      shown.append(letter >= ' ' && letter < 0x7f ? letter : '?');
    }
    return text.length() > SHOWN ? shown.append('…').toString() : shown.toString();
  }
}
