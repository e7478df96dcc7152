package io.calco.server.identity;

import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An object in a request's body, whose fields have to be of the type that is asked for.
///
/// @param path where it stands, for messages
record Fields(ObjectNode object, String path) {

  /// The object that a request's body holds under a name.
  static Fields of(Context request, String name) throws IOException {
    return new Fields(Json.object(request), "").object(name);
  }

  private static ApiException bad(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, message);
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private ApiException missing(String name) {
    return bad("'%s' is a required property.".formatted(at(name)));
  }

  boolean has(String name) {
    JsonNode value = object.get(name);
    return value != null && !value.isNull();
  }

  Fields object(String name) {
    return findObject(name).orElseThrow(() -> missing(name));
  }

  Optional<Fields> findObject(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!(value instanceof ObjectNode found)) {
      throw bad("'%s' is not an object.".formatted(at(name)));
    }
    return Optional.of(new Fields(found, at(name)));
  }

  String text(String name) {
    return findText(name).orElseThrow(() -> missing(name));
  }

  Optional<String> findText(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw bad("'%s' is not a string.".formatted(at(name)));
    }
    return Optional.of(value.stringValue());
  }

  boolean isText(String name, String text) {
    JsonNode value = object.get(name);
    return value != null && value.isString() && value.stringValue().equals(text);
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw bad("'%s' is not a boolean.".formatted(at(name)));
    }
    return value.booleanValue();
  }

  /// The items of a list; none when it is not there.
  private List<JsonNode> items(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw bad("'%s' is not a list.".formatted(at(name)));
    }
    List<JsonNode> items = new ArrayList<>();
    value.forEach(items::add);
    return items;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : items(name)) {
      if (!item.isString()) {
        throw bad("'%s' is not a list of strings.".formatted(at(name)));
      }
      texts.add(item.stringValue());
    }
    return texts;
  }

  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode item : items(name)) {
      if (!(item instanceof ObjectNode found)) {
        throw bad("'%s' is not a list of objects.".formatted(at(name)));
      }
      objects.add(new Fields(found, at(name)));
    }
    return objects;
  }

  /// Refuses a restriction that we would not hold to.
  void refuse(String name) {
    JsonNode value = object.get(name);
    if (value != null && !value.isNull() && !value.isEmpty()) {
      throw bad("'%s' is not supported.".formatted(at(name)));
    }
  }

  /// Refuses any domain but the one there is.
  void requireDefaultDomain(String name) {
    Optional<String> id = findText(name);
    if (id.isPresent() && !id.get().equals(Domain.ID)) {
      throw bad("There is one domain, %s.".formatted(Domain.ID));
    }
  }
}
