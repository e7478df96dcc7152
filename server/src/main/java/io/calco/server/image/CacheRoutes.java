package io.calco.server.image;

import io.calco.catalog.CachedImage;
import io.calco.catalog.CachedImage.State;
import io.calco.engine.images.ImageCache;
import io.calco.engine.images.ImageService;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Images that are kept at hand, for an admin.
final class CacheRoutes implements Routes {
  private static final String CACHE = ImageApi.PREFIX + "/cache";
  private static final String TARGET = "x-image-cache-clear-target";

  private final ImageCache cache;
  private final Authentication authentication;

  CacheRoutes(ImageService service, Authentication authentication) {
    this.cache = service.cache();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get(CACHE, this::list)
        .delete(CACHE, this::clear)
        .post(CACHE + "/clean", this::clean)
        .post(CACHE + "/prune", this::prune)
        .get(CACHE + "/nodes/{image}", this::nodes)
        .put(CACHE + "/{image}", this::queue)
        .delete(CACHE + "/{image}", this::remove);
  }

  private void list(Context request) throws IOException {
    List<CachedImage> all = cache.list(authentication.caller(request));
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of(
            "cached_images",
            all.stream()
                .filter(each -> each.state() == State.CACHED)
                .map(CacheRoutes::text)
                .toList(),
            "queued_images",
            all.stream()
                .filter(each -> each.state() == State.QUEUED)
                .map(CachedImage::imageId)
                .toList()));
  }

  private static Map<String, Object> text(CachedImage image) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("image_id", image.imageId());
    text.put("hits", image.hits());
    text.put("last_accessed", seconds(image.lastAccessed()));
    text.put("last_modified", seconds(image.lastModified()));
    text.put("size", image.size());
    return text;
  }

  /// Since 1970, with a fraction.
  private static double seconds(Instant moment) {
    return moment.getEpochSecond() + moment.getNano() / 1e9;
  }

  private void queue(Context request) throws IOException {
    cache.queue(authentication.caller(request), request.pathParam("image"));
    request.status(HttpStatus.ACCEPTED);
  }

  private void remove(Context request) throws IOException {
    cache.remove(authentication.caller(request), request.pathParam("image"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void clear(Context request) throws IOException {
    String target = Optional.ofNullable(request.header(TARGET)).orElse("").toLowerCase(Locale.ROOT);
    List<State> states =
        switch (target) {
          case "" -> List.of(State.QUEUED, State.CACHED);
          case "cache" -> List.of(State.CACHED);
          case "queue" -> List.of(State.QUEUED);
          default ->
              throw new ApiException(
                  HttpStatus.BAD_REQUEST,
                  "If provided '%s' must be 'cache', 'queue' or empty string.".formatted(TARGET));
        };
    cache.clear(authentication.caller(request), states);
    request.status(HttpStatus.NO_CONTENT);
  }

  private void clean(Context request) throws IOException {
    cache.clean(authentication.caller(request));
    request.status(HttpStatus.OK);
  }

  private void prune(Context request) throws IOException {
    cache.prune(authentication.caller(request));
    Json.answer(request, HttpStatus.OK, Map.of("total_files_pruned", 0, "total_bytes_pruned", 0));
  }

  private void nodes(Context request) throws IOException {
    cache.refuseNodes(authentication.caller(request));
  }
}
