package io.calco.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A point as the text in its root: `docs/format/restore-point.md`. Fields that are not known are
/// passed over.
final class PointText {
  private static final String VERSION_FIELD = "version";
  private static final int VERSION = 1;
  private static final int MAX_DEPTH = 16; // ours
  private static final int MAX_LENGTH = 1 << 20; // the store's

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(MAX_LENGTH)
                          .maxStringLength(MAX_LENGTH)
                          .maxNumberLength(32)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .changeDefaultPropertyInclusion(
              always -> always.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private PointText() {}

  static String encode(RestorePoint point) {
    ObjectNode text = MAPPER.createObjectNode();
    text.put(VERSION_FIELD, VERSION);
    text.setAll((ObjectNode) MAPPER.valueToTree(point));
    return MAPPER.writeValueAsString(text);
  }

  /// @param root what holds the text, for messages
  static RestorePoint decode(String root, String text)
      throws CorruptImageException, UnsupportedFeatureException {
    try {
      JsonNode read = MAPPER.readTree(text);
      JsonNode version = read.get(VERSION_FIELD);
      if (version == null || !version.isInt()) {
        throw new CorruptImageException(root + ": the text is no restore point's: no version");
      }
      if (version.intValue() != VERSION) {
        throw new UnsupportedFeatureException(
            "%s: a restore point of version %d, expected %d: made by a newer Calco"
                .formatted(root, version.intValue(), VERSION));
      }
      ((ObjectNode) read).remove(VERSION_FIELD);
      return MAPPER.treeToValue(read, RestorePoint.class);
    } catch (JacksonException e) {
      throw new CorruptImageException(
          "%s: the text is no restore point's: %s"
              .formatted(root, printable(String.valueOf(e.getOriginalMessage()))));
    }
  }

  private static String printable(String text) {
    String line = text.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }
}
