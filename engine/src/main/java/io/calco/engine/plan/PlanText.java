package io.calco.engine.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A plan as the catalogue has it: JSON, with a version. Fields that are not known are refused: a
/// plan that is understood in part might forget what was meant to stay.
final class PlanText {
  private static final String VERSION_FIELD = "version";
  private static final int VERSION = 4;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .changeDefaultPropertyInclusion(
              always -> always.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private PlanText() {}

  static String encode(Plan plan) {
    ObjectNode text = MAPPER.createObjectNode();
    text.put(VERSION_FIELD, VERSION);
    text.setAll((ObjectNode) MAPPER.valueToTree(plan));
    return MAPPER.writeValueAsString(text);
  }

  static Plan decode(String name, String text) {
    try {
      JsonNode read = MAPPER.readTree(text);
      int version = read.path(VERSION_FIELD).asInt(0);
      if (version < 1 || version > VERSION) {
        throw new OperationException(
            Kind.UNSUPPORTED, "plan %s: was made by a newer Calco".formatted(name));
      }
      ObjectNode plan = (ObjectNode) read;
      plan.remove(VERSION_FIELD);
      if (version == 1) {
        renew(plan);
      }
      if (version < 3) {
        plan.put("trial", RestoreTrial.READ.text()); // there was no other
      }
      if (version < VERSION) {
        plan.path("sources").forEach(source -> renewSource((ObjectNode) source));
      }
      return MAPPER.treeToValue(plan, Plan.class);
    } catch (JacksonException | ClassCastException e) {
      throw new OperationException(
          Kind.CORRUPT,
          "plan %s: its record is no plan's: %s"
              .formatted(name, String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
  }

  /// Before version 4 no image followed what was written to it, and none led elsewhere.
  private static void renewSource(ObjectNode source) {
    source.put("tracking", "NONE");
    source.putArray("allow");
  }

  /// Version 1 knew a webhook alone, which could lie anywhere.
  private static void renew(ObjectNode plan) {
    JsonNode webhook = plan.remove("webhook");
    ObjectNode notices = plan.putObject("notices");
    if (webhook != null) {
      notices.putObject("webhook").put("address", webhook.asString()).put("reach", "local");
    }
  }
}
