package io.calco.server.image;

import io.calco.engine.images.ImagePatch;
import io.calco.engine.images.ImagePatch.Change;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The two media types of a change: `application/openstack-images-v2.1-json-patch`, which is RFC
/// 6902 with add, remove and replace, and the older v2.0, which names the operation by its member.
final class PatchText {
  private static final String TYPE = "application/openstack-images-v2.%d-json-patch";
  private static final String V21 = TYPE.formatted(1);
  private static final String V20 = TYPE.formatted(0);
  private static final List<String> OPERATIONS = List.of("add", "remove", "replace");
  private static final Pattern BAD_ESCAPE = Pattern.compile("~(?![01])");

  private PatchText() {}

  /// The changes that a request asks for.
  ///
  /// @throws ApiException 415 for another media type, 400 for what is no patch
  static ImagePatch read(Context request) throws IOException {
    String type = mediaType(request);
    if (!type.equals(V21) && !type.equals(V20)) {
      throw new ApiException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "Image PATCH expects Content-Type one of: %s, %s".formatted(V20, V21),
          Map.of("Accept-Patch", V20 + ", " + V21));
    }
    JsonNode body = Json.read(request);
    if (!body.isArray()) {
      throw wrong("Request body must be a JSON array of operation objects.");
    }
    List<Change> changes = new ArrayList<>();
    for (JsonNode each : body) {
      if (!(each instanceof ObjectNode operation)) {
        throw wrong("Operations must be JSON objects.");
      }
      changes.add(type.equals(V21) ? change(operation) : oldChange(operation));
    }
    return new ImagePatch(changes);
  }

  static String mediaType(Context request) {
    String type = request.contentType();
    return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
  }

  private static Change change(ObjectNode operation) {
    JsonNode op = operation.get("op");
    String name = op != null && op.isString() ? op.stringValue() : "";
    if (!OPERATIONS.contains(name)) {
      throw wrong(
          op == null
              ? "Unable to find `op` in JSON Schema change. It must be one of the following: add, remove, replace."
              : "Invalid operation: `%s`. It must be one of the following: add, remove, replace."
                  .formatted(op.toString()));
    }
    JsonNode path = operation.get("path");
    if (path == null || !path.isString()) {
      throw wrong("Unable to find 'path' in JSON Schema change");
    }
    if (LocationText.isLocation(path.stringValue())) {
      return LocationText.change(name, path.stringValue(), operation.path("value"));
    }
    String attribute = attribute(path.stringValue());
    return switch (name) {
      case "add" -> new Change.Add(attribute, value(operation, name));
      case "replace" -> new Change.Replace(attribute, value(operation, name));
      default -> new Change.Remove(attribute);
    };
  }

  private static Change oldChange(ObjectNode operation) {
    List<String> named = OPERATIONS.stream().filter(operation::has).toList();
    if (named.size() != 1) {
      throw wrong(
          "Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\".");
    }
    String name = named.getFirst();
    JsonNode path = operation.get(name);
    if (!path.isString()) {
      throw wrong("The path of an operation must be a string.");
    }
    if (LocationText.isLocation(path.stringValue())) {
      return LocationText.change(name, path.stringValue(), operation.path("value"));
    }
    String attribute = attribute(path.stringValue());
    return switch (name) {
      case "add" -> new Change.AddNew(attribute, value(operation, name));
      case "replace" -> new Change.Replace(attribute, value(operation, name));
      default -> new Change.Remove(attribute);
    };
  }

  /// The limited form of JSON pointers (RFC 6901) that Glance takes: one name.
  private static String attribute(String pointer) {
    if (!pointer.startsWith("/")) {
      throw wrong("Pointer `%s` does not start with \"/\".".formatted(pointer));
    }
    String name = pointer.substring(1);
    if (BAD_ESCAPE.matcher(name).find()) {
      throw wrong(
          "Pointer `%s` contains \"~\" not part of a recognized escape sequence."
              .formatted(pointer));
    }
    if (name.isBlank() || name.indexOf('/') >= 0) {
      throw wrong("Invalid JSON pointer for this resource: '%s'".formatted(pointer));
    }
    return name.replace("~1", "/").replace("~0", "~").strip();
  }

  private static @Nullable Object value(ObjectNode operation, String name) {
    if (!operation.has("value")) {
      throw wrong("Operation \"%s\" requires a member named \"value\".".formatted(name));
    }
    return plain(operation.get("value"));
  }

  /// A JSON value as the engine takes it: String, Boolean, Number, List, null; an object is left as
  /// it is, which no attribute takes.
  static @Nullable Object plain(JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    if (node.isString()) {
      return node.stringValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isNumber()) {
      return node.numberValue();
    }
    if (node.isArray()) {
      List<@Nullable Object> all = new ArrayList<>();
      for (JsonNode each : node) {
        all.add(plain(each));
      }
      return all;
    }
    return node;
  }

  static ApiException wrong(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, message);
  }
}
