package io.calco.server.image;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageQuery;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageLocations;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.server.http.Addresses;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
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

/// Images, their tags, and the two actions.
final class ImageRoutes implements Routes {
  private static final String IMAGES = ImageApi.PREFIX + "/images";
  private static final String IMAGE = IMAGES + "/{image}";

  private final ImageService service;
  private final Images images;
  private final Authentication authentication;

  ImageRoutes(ImageService service, Authentication authentication) {
    this.service = service;
    this.images = service.images();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .before(IMAGES, ImageRoutes::requireId)
        .get(IMAGES, this::list)
        .post(IMAGES, this::create)
        .get(IMAGE, this::show)
        .patch(IMAGE, this::patch)
        .delete(IMAGE, this::delete)
        .put(IMAGE + "/tags/{tag}", this::addTag)
        .delete(IMAGE + "/tags/{tag}", this::deleteTag)
        .post(IMAGE + "/actions/deactivate", this::deactivate)
        .post(IMAGE + "/actions/reactivate", this::reactivate);
  }

  /// `/v2/images/` asks for the image of no id, and not for a list.
  private static void requireId(Context request) {
    if (request.path().endsWith("/")) {
      throw new ApiException(HttpStatus.NOT_FOUND, "No image found with ID ");
    }
  }

  private void list(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    Map<String, List<String>> parameters = request.queryParamMap();
    ImageQuery query = ListRequest.read(parameters, Images.sight(caller));
    List<ImageEntry> found = images.list(caller, query);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("images", found.stream().map(image -> shown(caller, image)).toList());
    answer.put("first", link(parameters, Optional.empty()));
    answer.put("schema", ImageApi.PREFIX + "/schemas/images");
    if (!found.isEmpty() && found.size() == query.limit()) {
      answer.put("next", link(parameters, Optional.of(found.getLast().id())));
    }
    Json.answer(request, HttpStatus.OK, answer);
  }

  /// The same list from its beginning, or from after an image.
  private static String link(Map<String, List<String>> parameters, Optional<String> marker) {
    List<String> query = new ArrayList<>();
    parameters.forEach((name, values) -> {
      if (!name.equals("marker")) {
        values.forEach(value -> query.add(coded(name) + "=" + coded(value)));
      }
    });
    marker.ifPresent(id -> query.add("marker=" + coded(id)));
    return query.isEmpty() ? IMAGES : IMAGES + "?" + String.join("&", query);
  }

  private static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void create(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ObjectNode body = Json.object(request);
    JsonNode id = body.remove("id");
    if (id != null && !id.isString()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "Provided object does not match schema 'image': id is no text");
    }
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    body.properties()
        .forEach(each -> attributes.put(each.getKey(), PatchText.plain(each.getValue())));
    ImageEntry image =
        images.add(caller, Optional.ofNullable(id).map(JsonNode::stringValue), attributes);
    request.header("Location", Addresses.base(request) + IMAGES + "/" + image.id());
    request.header("OpenStack-image-import-methods", String.join(",", service.imports().methods()));
    request.header("OpenStack-image-store-ids", String.join(",", service.stores().names()));
    Json.answer(request, HttpStatus.CREATED, shown(caller, image));
  }

  private void show(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ImageEntry image = service.names().get(caller, request.pathParam("image"));
    Json.answer(request, HttpStatus.OK, shown(caller, image));
  }

  private Map<String, @Nullable Object> shown(Caller caller, ImageEntry image) {
    Map<String, @Nullable Object> text = ImageText.of(image);
    if (service.locations().shown() == ImageLocations.Shown.YES) {
      text.put(
          "locations", service.locations().of(caller, image).stream().map(ImageText::of).toList());
    }
    return text;
  }

  private void patch(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ImageEntry image =
        service.locations().patch(caller, request.pathParam("image"), PatchText.read(request));
    Json.answer(request, HttpStatus.OK, shown(caller, image));
  }

  private void delete(Context request) throws IOException {
    images.delete(authentication.caller(request), request.pathParam("image"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void addTag(Context request) throws IOException {
    images.addTag(
        authentication.caller(request), request.pathParam("image"), request.pathParam("tag"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void deleteTag(Context request) throws IOException {
    images.deleteTag(
        authentication.caller(request), request.pathParam("image"), request.pathParam("tag"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void deactivate(Context request) throws IOException {
    images.deactivate(authentication.caller(request), request.pathParam("image"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void reactivate(Context request) throws IOException {
    images.reactivate(authentication.caller(request), request.pathParam("image"));
    request.status(HttpStatus.NO_CONTENT);
  }
}
