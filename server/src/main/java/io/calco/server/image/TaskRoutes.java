package io.calco.server.image;

import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageTask;
import io.calco.catalog.ImageTaskQuery;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageImports;
import io.calco.engine.images.ImageService;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Exchange;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is done to images in the background.
final class TaskRoutes implements Routes {
  private static final String TASKS = ImageApi.PREFIX + "/tasks";
  private static final int LIMIT_MAX = 1000;

  private final ImageImports imports;
  private final Authentication authentication;

  TaskRoutes(ImageService service, Authentication authentication) {
    this.imports = service.imports();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get(ImageApi.PREFIX + "/images/{image}/tasks", this::ofImage)
        .get(TASKS, this::list)
        .get(TASKS + "/{task}", this::show)
        .post(TASKS, this::create)
        .delete(TASKS + "/{task}", this::refuseDeletion);
  }

  private void ofImage(Context request) throws IOException {
    List<ImageTask> tasks =
        imports.tasksOf(authentication.caller(request), request.pathParam("image"));
    Json.answer(
        request, HttpStatus.OK, Map.of("tasks", tasks.stream().map(TaskRoutes::text).toList()));
  }

  private void list(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    imports.requireTasks(caller);
    ImageTaskQuery query = query(request);
    List<ImageTask> tasks = imports.tasks(caller, query);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("tasks", tasks.stream().map(TaskRoutes::shortText).toList());
    answer.put("first", link(request, Optional.empty()));
    answer.put("schema", ImageApi.PREFIX + "/schemas/tasks");
    if (!tasks.isEmpty() && tasks.size() == query.limit()) {
      answer.put("next", link(request, Optional.of(tasks.getLast().id())));
    }
    Json.answer(request, HttpStatus.OK, answer);
  }

  private static ImageTaskQuery query(Context request) {
    String status = parameter(request, "status").orElse("");
    Optional<ImageTask.Status> known = ImageTask.Status.of(status);
    if (!status.isEmpty() && known.isEmpty()) {
      throw wrong("Invalid status value: " + status);
    }
    String direction = parameter(request, "sort_dir").orElse("desc");
    if (!direction.equals("asc") && !direction.equals("desc")) {
      throw wrong("Invalid sort direction: " + direction);
    }
    String key = parameter(request, "sort_key").orElse("created_at");
    String limit = parameter(request, "limit").orElse("25");
    if (!limit.matches("[0-9]{1,9}")) {
      throw wrong("limit param must be a positive integer");
    }
    return new ImageTaskQuery(
        parameter(request, "type"),
        known,
        ImageTaskQuery.Order.of(key).orElseThrow(() -> wrong("Invalid sort key: " + key)),
        direction.equals("asc") ? Direction.ASCENDING : Direction.DESCENDING,
        parameter(request, "marker"),
        Math.min(Integer.parseInt(limit), LIMIT_MAX));
  }

  private static Optional<String> parameter(Context request, String name) {
    return Optional.ofNullable(request.queryParam(name)).filter(text -> !text.isEmpty());
  }

  /// The same list from its beginning, or from after a task.
  private static String link(Context request, Optional<String> marker) {
    List<String> query = new ArrayList<>();
    for (String name : List.of("type", "status", "sort_key", "sort_dir", "limit")) {
      parameter(request, name)
          .ifPresent(
              value -> query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    }
    marker.ifPresent(id -> query.add("marker=" + id));
    return query.isEmpty() ? TASKS : TASKS + "?" + String.join("&", query);
  }

  private static ApiException wrong(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, message);
  }

  private void show(Context request) throws IOException {
    ImageTask task = imports.task(authentication.caller(request), request.pathParam("task"));
    Json.answer(request, HttpStatus.OK, text(task));
  }

  /// Glance's tasks of old: they make an image, and fill it from the web.
  private void create(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    imports.requireTasks(caller);
    ObjectNode body = Json.object(request);
    for (String needed : List.of("type", "input")) {
      if (!body.has(needed)) {
        throw wrong("Task '%s' is required".formatted(needed));
      }
    }
    String type = body.path("type").asString("");
    if (!type.equals("import")) {
      throw wrong("Invalid task type: %s; there is import".formatted(type));
    }
    JsonNode input = body.path("input");
    if (!input.path("import_from").isString()
        || !input.path("import_from_format").isString()
        || !(input.path("image_properties") instanceof ObjectNode properties)) {
      throw wrong("Input needs import_from, import_from_format and image_properties.");
    }
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    properties
        .properties()
        .forEach(each -> attributes.put(each.getKey(), PatchText.plain(each.getValue())));
    ImageTask task =
        imports.beginOld(
            caller,
            attributes,
            input.path("import_from").stringValue(),
            Exchange.of(request).id(),
            Json.text(input));
    request.header("Location", TASKS + "/" + task.id());
    Json.answer(request, HttpStatus.CREATED, text(task));
  }

  private void refuseDeletion(Context request) throws IOException {
    imports.requireTasks(authentication.caller(request));
    throw new ApiException(
        HttpStatus.METHOD_NOT_ALLOWED, "Tasks end by themselves.", Map.of("Allow", "GET"));
  }

  private static Map<String, @Nullable Object> shortText(ImageTask task) {
    Map<String, @Nullable Object> text = new LinkedHashMap<>();
    text.put("id", task.id());
    text.put("type", task.type());
    text.put("status", task.status().text());
    text.put("owner", task.owner());
    text.put("image_id", task.imageId());
    text.put("request_id", task.requestId());
    text.put("user_id", task.user());
    text.put("created_at", ImageText.moment(task.createdAt()));
    text.put("updated_at", ImageText.moment(task.updatedAt()));
    text.put("expires_at", ImageText.moment(task.expiresAt()));
    text.put("self", TASKS + "/" + task.id());
    text.put("schema", ImageApi.PREFIX + "/schemas/task");
    return text;
  }

  private static Map<String, @Nullable Object> text(ImageTask task) {
    Map<String, @Nullable Object> text = shortText(task);
    text.put("input", task.input().isEmpty() ? null : Json.parse(task.input()));
    text.put("result", task.result().isEmpty() ? null : Json.parse(task.result()));
    text.put("message", task.message());
    return text;
  }
}
