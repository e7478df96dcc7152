package io.calco.server.image;

import io.calco.catalog.ImageUsage;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ContentStores;
import io.calco.engine.images.ImageLimits;
import io.calco.engine.images.ImageLocations;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the service can do: import methods, stores, use.
final class InfoRoutes implements Routes {
  private static final String INFO = ImageApi.PREFIX + "/info";

  private final ImageService service;
  private final Images images;
  private final Authentication authentication;

  InfoRoutes(ImageService service, Authentication authentication) {
    this.service = service;
    this.images = service.images();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get(INFO + "/import", this::importMethods)
        .get(INFO + "/stores", this::stores)
        .get(INFO + "/stores/detail", this::storesInDetail)
        .get(INFO + "/usage", this::usage)
        .delete(ImageApi.PREFIX + "/stores/{store}/{image}", this::deleteFromStore);
  }

  private void importMethods(Context request) throws IOException {
    authentication.caller(request);
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of(
            "import-methods",
            Map.of(
                "description",
                "Import methods available.",
                "type",
                "array",
                "value",
                service.imports().methods())));
  }

  private void stores(Context request) throws IOException {
    authentication.caller(request);
    Json.answer(request, HttpStatus.OK, Map.of("stores", stores()));
  }

  private List<Map<String, Object>> stores() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (String name : service.stores().names()) {
      Map<String, Object> store = new LinkedHashMap<>();
      store.put("id", name);
      store.put("description", "Content-addressed, deduplicated, compressed");
      if (name.equals(service.stores().usual())) {
        store.put("default", "true");
      }
      all.add(store);
    }
    if (service.locations().shown() == ImageLocations.Shown.YES) {
      Map<String, Object> web = new LinkedHashMap<>();
      web.put("id", ContentStores.WEB);
      web.put("description", "Addresses on the web, which stay where they are");
      web.put("read-only", "true");
      all.add(web);
    }
    return all;
  }

  private void storesInDetail(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    if (!caller.isAdmin()) {
      throw new ApiException(
          HttpStatus.FORBIDDEN, "You are not authorized to look at stores in detail.");
    }
    List<Map<String, Object>> all = stores();
    for (Map<String, Object> store : all) {
      store.put("type", store.containsKey("read-only") ? "http" : "calco");
      store.put("properties", Map.of());
      store.put("weight", 0);
    }
    Json.answer(request, HttpStatus.OK, Map.of("stores", all));
  }

  private void usage(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ImageUsage usage = images.usage(caller);
    ImageLimits limits = images.limits(caller);
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of(
            "usage",
            Map.of(
                "image_size_total",
                use(limits.projectSize() >> 20, usage.size() >> 20, limits.projectSize()),
                "image_stage_total",
                use(limits.projectStaged() >> 20, usage.staged() >> 20, limits.projectStaged()),
                "image_count_total",
                use(limits.projectImages(), usage.images(), limits.projectImages()),
                "image_count_uploading",
                use(limits.projectUploads(), usage.uploading(), limits.projectUploads()))));
  }

  /// @param limit as it is shown
  /// @param stated whether there is one
  private static Map<String, Long> use(long limit, long use, long stated) {
    return Map.of("limit", stated == ImageLimits.UNLIMITED ? -1 : limit, "usage", use);
  }

  private void deleteFromStore(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    service.imports().deleteFrom(caller, request.pathParam("store"), request.pathParam("image"));
    request.status(HttpStatus.NO_CONTENT);
  }
}
