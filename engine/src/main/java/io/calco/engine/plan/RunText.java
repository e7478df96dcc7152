package io.calco.engine.plan;

import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A run as a webhook is told of it.
final class RunText {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private RunText() {}

  /// `text` is what chat programs show of it.
  static String json(
      String host, String plan, long run, RunState state, String message, List<StepEntry> steps) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put(
        "text",
        "Calco on %s: plan %s: %s%s"
            .formatted(host, plan, state.text(), message.isEmpty() ? "" : ": " + message));
    json.put("host", host);
    json.put("plan", plan);
    json.put("run", run);
    json.put("state", state.text());
    json.put("message", message);
    ArrayNode list = json.putArray("steps");
    for (StepEntry step : steps) {
      ObjectNode one = list.addObject();
      one.put("kind", step.kind());
      one.put("subject", step.subject());
      one.put("state", step.state().text());
      one.put("message", step.message());
    }
    return MAPPER.writeValueAsString(json);
  }
}
