package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON area of a version 2 header.
final class Luks2Json {
  private static final int MAX_DEPTH = 16; // ours; keyslots take 4

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(Luks2Layout.LENGTH_MAX)
                          .maxStringLength(Luks2Layout.LENGTH_MAX)
                          .maxNumberLength(32)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private Luks2Json() {}

  /// @param area the text, and zeroes
  static ObjectNode parse(String file, byte[] area) throws CorruptImageException {
    int end = 0;
    while (end < area.length && area[end] != 0) {
      end++;
    }
    try {
      if (MAPPER.readTree(Arrays.copyOf(area, end)) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      String why = String.valueOf(e.getOriginalMessage());
      throw new CorruptImageException(
          "%s: LUKS2 metadata is no JSON: %s".formatted(file, JsonFields.printable(why)));
    }
    throw new CorruptImageException(file + ": LUKS2 metadata is no JSON object");
  }

  /// @param most bytes that there is room for
  static byte[] encode(String file, ObjectNode json, int most) throws LimitExceededException {
    byte[] text = MAPPER.writeValueAsBytes(json);
    if (text.length > most) {
      throw new LimitExceededException(
          "%s: LUKS2 metadata of %d bytes; there is room for %d"
              .formatted(file, text.length, most));
    }
    return text;
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }
}
