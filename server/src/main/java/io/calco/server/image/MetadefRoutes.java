package io.calco.server.image;

import io.calco.catalog.MetadefItem;
import io.calco.catalog.MetadefItem.Kind;
import io.calco.catalog.MetadefNamespace;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.Metadefs;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Definitions of metadata: namespaces, and the words in them.
final class MetadefRoutes implements Routes {
  private static final String ROOT = ImageApi.PREFIX + "/metadefs";
  private static final String NAMESPACES = ROOT + "/namespaces";
  private static final String NAMESPACE = NAMESPACES + "/{namespace}";
  private static final String SCHEMAS = ImageApi.PREFIX + "/schemas/metadefs/";

  private final Metadefs metadefs;
  private final Authentication authentication;

  MetadefRoutes(Metadefs metadefs, Authentication authentication) {
    this.metadefs = metadefs;
    this.authentication = authentication;
  }

  /// How one kind of words appears.
  ///
  /// @param kind the kind
  /// @param path in the namespace's address
  /// @param list the member of a list that holds them
  /// @param schema the schema of one
  private record Words(Kind kind, String path, String list, String schema) {}

  private static final List<Words> ALL =
      List.of(
          new Words(Kind.OBJECT, "objects", "objects", "object"),
          new Words(Kind.PROPERTY, "properties", "properties", "property"),
          new Words(Kind.TAG, "tags", "tags", "tag"),
          new Words(
              Kind.RESOURCE_TYPE, "resource_types", "resource_type_associations", "resource_type"));

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get(ROOT + "/resource_types", this::resourceTypes)
        .get(NAMESPACES, this::list)
        .post(NAMESPACES, this::create)
        .get(NAMESPACE, this::show)
        .put(NAMESPACE, this::update)
        .delete(NAMESPACE, this::delete);
    for (Words words : ALL) {
      String all = NAMESPACE + "/" + words.path();
      String one = all + "/{name}";
      routes
          .get(all, request -> listWords(request, words))
          .post(all, request -> addWords(request, words))
          .delete(one, request -> deleteWord(request, words));
      if (words.kind() != Kind.RESOURCE_TYPE) {
        routes
            .delete(all, request -> deleteWords(request, words))
            .get(one, request -> showWord(request, words))
            .put(one, request -> updateWord(request, words));
      }
      if (words.kind() == Kind.TAG) {
        routes.post(one, request -> addTag(request, words));
      }
    }
  }

  private void resourceTypes(Context request) throws IOException {
    authentication.caller(request);
    String moment = ImageText.moment(Instant.EPOCH);
    List<Map<String, String>> types =
        Metadefs.RESOURCE_TYPES.stream()
            .map(name -> Map.of("name", name, "created_at", moment, "updated_at", moment))
            .toList();
    Json.answer(request, HttpStatus.OK, Map.of("resource_types", types));
  }

  private void list(Context request) throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    for (MetadefNamespace namespace : metadefs.namespaces(authentication.caller(request))) {
      all.add(text(namespace));
    }
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of("namespaces", all, "first", NAMESPACES, "schema", SCHEMAS + "namespaces"));
  }

  private void create(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ObjectNode body = Json.object(request);
    MetadefNamespace stated = namespace(body, string(body, "namespace", ""));
    MetadefNamespace made = metadefs.add(caller, stated);
    for (Words words : ALL) {
      Map<String, String> bodies = bodies(words.kind(), body.path(words.list()));
      metadefs.addItems(caller, made.name(), words.kind(), bodies);
    }
    request.header("Location", NAMESPACES + "/" + made.name());
    Json.answer(request, HttpStatus.CREATED, fullText(caller, made));
  }

  private static MetadefNamespace namespace(ObjectNode body, String name) {
    String visibility = string(body, "visibility", "private");
    JsonNode isProtected = body.path("protected");
    if (!visibility.equals("public") && !visibility.equals("private")
        || !isProtected.isMissingNode() && !isProtected.isBoolean()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "Provided object does not match schema 'namespace': visibility is public or private, and protected true or false.");
    }
    return new MetadefNamespace(
        name,
        string(body, "owner", ""),
        visibility.equals("public"),
        isProtected.asBoolean(false),
        string(body, "display_name", ""),
        string(body, "description", ""),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static String string(JsonNode body, String name, String otherwise) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isString()) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "'%s' must be a text.".formatted(name));
    }
    return value.stringValue();
  }

  private void show(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    Json.answer(
        request,
        HttpStatus.OK,
        fullText(caller, metadefs.namespace(caller, request.pathParam("namespace"))));
  }

  private void update(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    String name = request.pathParam("namespace");
    MetadefNamespace now = metadefs.namespace(caller, name);
    ObjectNode body = Json.object(request);
    MetadefNamespace stated = namespace(body, string(body, "namespace", name));
    MetadefNamespace changed =
        new MetadefNamespace(
            stated.name(),
            stated.owner().isEmpty() ? now.owner() : stated.owner(),
            stated.isPublic(),
            stated.isProtected(),
            stated.displayName(),
            stated.description(),
            now.createdAt(),
            now.updatedAt());
    Json.answer(request, HttpStatus.OK, text(metadefs.update(caller, name, changed)));
  }

  private void delete(Context request) throws IOException {
    metadefs.delete(authentication.caller(request), request.pathParam("namespace"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private static Map<String, Object> text(MetadefNamespace namespace) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("namespace", namespace.name());
    text.put("display_name", namespace.displayName());
    text.put("description", namespace.description());
    text.put("visibility", namespace.isPublic() ? "public" : "private");
    text.put("protected", namespace.isProtected());
    text.put("owner", namespace.owner());
    text.put("created_at", ImageText.moment(namespace.createdAt()));
    text.put("updated_at", ImageText.moment(namespace.updatedAt()));
    text.put("self", NAMESPACES + "/" + namespace.name());
    text.put("schema", SCHEMAS + "namespace");
    return text;
  }

  private Map<String, Object> fullText(Caller caller, MetadefNamespace namespace)
      throws IOException {
    Map<String, Object> text = text(namespace);
    for (Words words : ALL) {
      List<MetadefItem> items = metadefs.items(caller, namespace.name(), words.kind());
      if (!items.isEmpty()) {
        text.put(words.list(), listed(words, items));
      }
    }
    return text;
  }

  private static Object listed(Words words, List<MetadefItem> items) {
    if (words.kind() != Kind.PROPERTY) {
      return items.stream().map(item -> text(words, item)).toList();
    }
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    items.forEach(item -> byName.put(item.name(), Json.parse(item.body())));
    return byName;
  }

  private static ObjectNode text(Words words, MetadefItem item) {
    ObjectNode text = (ObjectNode) Json.parse(item.body());
    text.put("name", item.name());
    if (words.kind() != Kind.PROPERTY) {
      text.put("created_at", ImageText.moment(item.createdAt()));
      text.put("updated_at", ImageText.moment(item.updatedAt()));
    }
    if (words.kind() == Kind.OBJECT) {
      text.put("self", "%s/%s/objects/%s".formatted(NAMESPACES, item.namespace(), item.name()));
      text.put("schema", SCHEMAS + "object");
    }
    return text;
  }

  private void listWords(Context request, Words words) throws IOException {
    Caller caller = authentication.caller(request);
    String namespace = request.pathParam("namespace");
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put(words.list(), listed(words, metadefs.items(caller, namespace, words.kind())));
    answer.put("schema", SCHEMAS + words.schema() + "s");
    Json.answer(request, HttpStatus.OK, answer);
  }

  /// Names and bodies: an object by name for properties, a list for all else.
  private static Map<String, String> bodies(Kind kind, JsonNode all) {
    Map<String, String> bodies = new LinkedHashMap<>();
    if (kind == Kind.PROPERTY) {
      all.properties().forEach(each -> bodies.put(each.getKey(), body(kind, each.getValue())));
    } else {
      for (JsonNode each : all) {
        bodies.put(string(each, "name", ""), body(kind, each));
      }
    }
    return bodies;
  }

  private static String body(Kind kind, JsonNode stated) {
    if (!(stated instanceof ObjectNode object)) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "A definition must be a JSON object.");
    }
    ObjectNode body = object.deepCopy();
    body.remove(List.of("name", "created_at", "updated_at", "self", "schema"));
    if (kind == Kind.TAG) {
      body.removeAll();
    }
    return Json.text(body);
  }

  private void addWords(Context request, Words words) throws IOException {
    Caller caller = authentication.caller(request);
    String namespace = request.pathParam("namespace");
    ObjectNode body = Json.object(request);
    if (words.kind() == Kind.TAG) {
      replaceTags(request, caller, namespace, words, body);
      return;
    }
    String name = string(body, "name", "");
    metadefs.addItems(caller, namespace, words.kind(), Map.of(name, body(words.kind(), body)));
    answer(request, caller, words, name, HttpStatus.CREATED);
  }

  /// The list becomes the namespace's tags.
  private void replaceTags(
      Context request, Caller caller, String namespace, Words words, ObjectNode body)
      throws IOException {
    Map<String, String> tags = bodies(Kind.TAG, body.path("tags"));
    metadefs.replaceItems(caller, namespace, Kind.TAG, tags);
    Json.answer(
        request,
        HttpStatus.CREATED,
        Map.of(
            "tags",
            listed(words, metadefs.items(caller, namespace, Kind.TAG)),
            "schema",
            SCHEMAS + "tags"));
  }

  private void addTag(Context request, Words words) throws IOException {
    Caller caller = authentication.caller(request);
    String name = request.pathParam("name");
    metadefs.addItems(caller, request.pathParam("namespace"), words.kind(), Map.of(name, "{}"));
    answer(request, caller, words, name, HttpStatus.CREATED);
  }

  private void answer(Context request, Caller caller, Words words, String name, HttpStatus status)
      throws IOException {
    MetadefItem item = metadefs.item(caller, request.pathParam("namespace"), words.kind(), name);
    Json.answer(request, status, text(words, item));
  }

  private void showWord(Context request, Words words) throws IOException {
    answer(
        request, authentication.caller(request), words, request.pathParam("name"), HttpStatus.OK);
  }

  private void updateWord(Context request, Words words) throws IOException {
    Caller caller = authentication.caller(request);
    String name = request.pathParam("name");
    ObjectNode body = Json.object(request);
    String next = string(body, "name", name);
    MetadefItem changed =
        new MetadefItem(
            request.pathParam("namespace"),
            words.kind(),
            next,
            body(words.kind(), body),
            Instant.EPOCH,
            Instant.EPOCH);
    Json.answer(request, HttpStatus.OK, text(words, metadefs.updateItem(caller, name, changed)));
  }

  private void deleteWord(Context request, Words words) throws IOException {
    metadefs.deleteItem(
        authentication.caller(request),
        request.pathParam("namespace"),
        words.kind(),
        request.pathParam("name"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void deleteWords(Context request, Words words) throws IOException {
    metadefs.deleteItems(
        authentication.caller(request), request.pathParam("namespace"), words.kind());
    request.status(HttpStatus.NO_CONTENT);
  }
}
