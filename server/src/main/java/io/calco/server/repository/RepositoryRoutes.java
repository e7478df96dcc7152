package io.calco.server.repository;

import io.calco.engine.identity.Caller;
import io.calco.engine.repository.hosted.HostedObject;
import io.calco.engine.repository.hosted.HostedRepositories;
import io.calco.engine.repository.hosted.HostedRepository;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.ByteRange;
import io.calco.server.http.Json;
import io.calco.server.http.ResponseBody;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Objects of repositories: put, read, listed, deleted.
public final class RepositoryRoutes implements Routes {
  private static final String REPOSITORY = "/repositories/{repository}";
  private static final String OBJECTS = REPOSITORY + "/objects";
  private static final String OBJECT = OBJECTS + "/<object>";
  private static final String BYTES = "application/octet-stream";

  /// Ours.
  private static final int DELETED_MAX = 1000;

  private final Optional<HostedRepositories> repositories;
  private final Authentication authentication;

  /// Serves these; where there are none, every request is told so.
  public RepositoryRoutes(
      Optional<HostedRepositories> repositories, Authentication authentication) {
    this.repositories = repositories;
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .put(REPOSITORY, this::create)
        .get(REPOSITORY, this::show)
        .get(REPOSITORY + "/quota", this::quota)
        .get(OBJECTS, this::list)
        .put(OBJECT, this::put)
        .get(OBJECT, this::get)
        .head(OBJECT, this::head)
        .delete(OBJECT, this::delete)
        .post(REPOSITORY + "/deletions", this::deleteMany);
  }

  private HostedRepositories all() {
    return repositories.orElseThrow(() ->
        new ApiException(
            HttpStatus.NOT_FOUND,
            "This server keeps no repositories: repositories-directory is not set."));
  }

  private HostedRepository repository(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    return all().get(caller, request.pathParam("repository"));
  }

  private void create(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    answer(request, all().create(caller, request.pathParam("repository")));
  }

  private void show(Context request) throws IOException {
    answer(request, repository(request));
  }

  private static void answer(Context request, HostedRepository repository) throws IOException {
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of("name", request.pathParam("repository"), "append_only", repository.onlyGrows()));
  }

  private void quota(Context request) throws IOException {
    Object said = repository(request).quota().map(Object.class::cast).orElse(Map.of());
    Json.answer(request, HttpStatus.OK, said);
  }

  private void list(Context request) throws IOException {
    HostedRepository repository = repository(request);
    String limit = Optional.ofNullable(request.queryParam("limit")).orElse("");
    if (!limit.matches("[0-9]{0,9}")) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "The limit is no number.");
    }
    int most = limit.isEmpty() ? HostedRepository.PAGE_MAX : Integer.parseInt(limit);
    Json.answer(
        request,
        HttpStatus.OK,
        repository.page(text(request, "prefix"), text(request, "after"), most));
  }

  private static String text(Context request, String parameter) {
    return Optional.ofNullable(request.queryParam(parameter)).orElse("");
  }

  private void put(Context request) throws IOException {
    HostedRepository repository = repository(request);
    long length = request.req().getContentLengthLong();
    if (length < 0) {
      throw new ApiException(HttpStatus.LENGTH_REQUIRED, "The length of the content is missing.");
    }
    try {
      repository.put(request.pathParam("object"), request.bodyInputStream(), length);
    } catch (EOFException e) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "The content ended early.");
    }
    request.status(HttpStatus.NO_CONTENT);
  }

  private void head(Context request) throws IOException {
    try (HostedObject object = repository(request).open(request.pathParam("object"))) {
      ByteRange.head(request.contentType(BYTES), Optional.empty(), object.size());
    }
  }

  private void get(Context request) throws IOException {
    try (HostedObject object = repository(request).open(request.pathParam("object"))) {
      long size = object.size();
      Optional<ByteRange> range = ByteRange.of(Optional.ofNullable(request.header("Range")), size);
      ByteRange part = ByteRange.head(request.contentType(BYTES), range, size);
      object.writeTo(ResponseBody.of(request), part.start(), part.length());
    }
  }

  private void delete(Context request) throws IOException {
    repository(request).delete(Set.of(request.pathParam("object")));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void deleteMany(Context request) throws IOException {
    HostedRepository repository = repository(request);
    JsonNode names = Json.object(request).path("names");
    if (!names.isArray() || names.size() > DELETED_MAX) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "\"names\" is not a list of at most %d names.".formatted(DELETED_MAX));
    }
    Set<String> all = new LinkedHashSet<>();
    names.forEach(name -> all.add(name.asString("")));
    repository.delete(all);
    request.status(HttpStatus.NO_CONTENT);
  }
}
