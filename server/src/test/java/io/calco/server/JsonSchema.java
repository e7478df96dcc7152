package io.calco.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// As much of JSON Schema as `openapi.json` uses; any other word in a schema is reported, too.
final class JsonSchema {
  private final JsonNode document;
  private final List<String> complaints = new ArrayList<>();

  private JsonSchema(JsonNode document) {
    this.document = document;
  }

  /// What a value has against a schema.
  ///
  /// @param document in which references are looked up
  static List<String> complaints(JsonNode document, JsonNode schema, JsonNode value) {
    JsonSchema check = new JsonSchema(document);
    check.check(schema, value, "");
    return check.complaints;
  }

  /// What a reference in the document leads to; anything else is itself.
  static JsonNode resolve(JsonNode document, JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").stringValue().substring(1)) : node;
  }

  private void check(JsonNode given, JsonNode value, String at) {
    JsonNode schema = resolve(document, given);
    for (Map.Entry<String, JsonNode> rule : schema.properties()) {
      JsonNode is = rule.getValue();
      boolean holds =
          switch (rule.getKey()) {
            case "type" ->
                is.isArray()
                    ? is.valueStream().anyMatch(type -> isOf(type.stringValue(), value))
                    : isOf(is.stringValue(), value);
            case "enum" -> is.valueStream().anyMatch(value::equals);
            case "const" -> is.equals(value);
            case "required" -> is.valueStream().allMatch(name -> value.has(name.stringValue()));
            case "minimum" -> !value.isNumber() || value.asDouble() >= is.asDouble();
            case "maximum" -> !value.isNumber() || value.asDouble() <= is.asDouble();
            case "maxLength" -> !value.isString() || value.stringValue().length() <= is.asInt();
            case "pattern" ->
                !value.isString()
                    || java.util.regex.Pattern.compile(is.stringValue())
                        .matcher(value.stringValue())
                        .find();
            case "properties" -> {
              for (Map.Entry<String, JsonNode> property : is.properties()) {
                if (value.has(property.getKey())) {
                  check(
                      property.getValue(),
                      value.get(property.getKey()),
                      at + "/" + property.getKey());
                }
              }
              yield true;
            }
            case "additionalProperties" -> additional(schema, is, value, at);
            case "items" -> {
              for (int i = 0; i < value.size(); i++) {
                check(is, value.get(i), at + "/" + i);
              }
              yield true;
            }
            case "description", "title", "example", "examples", "default", "format" -> true;
            default -> false;
          };
      if (!holds) {
        complaints.add("%s: %s %s, but %s".formatted(at, rule.getKey(), is, value));
      }
    }
  }

  private boolean additional(JsonNode schema, JsonNode rule, JsonNode value, String at) {
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      if (!schema.path("properties").has(field.getKey())) {
        if (rule.isBoolean()) {
          return rule.booleanValue();
        }
        check(rule, field.getValue(), at + "/" + field.getKey());
      }
    }
    return true;
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> false;
    };
  }
}
