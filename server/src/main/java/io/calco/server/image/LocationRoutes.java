package io.calco.server.image;

import io.calco.catalog.ImageLocation;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageLocations;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.NewLocation;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Exchange;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Where images' content lies, for other services of the cloud; the older way is a patch.
final class LocationRoutes implements Routes {
  private static final String LOCATIONS = ImageApi.PREFIX + "/images/{image}/locations";

  private final ImageLocations locations;
  private final Authentication authentication;

  LocationRoutes(ImageService service, Authentication authentication) {
    this.locations = service.locations();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(LOCATIONS, this::list).post(LOCATIONS, this::add);
  }

  private void list(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    List<ImageLocation> all = locations.list(caller, request.pathParam("image"));
    Json.answer(request, HttpStatus.OK, all.stream().map(ImageText::of).toList());
  }

  private void add(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ObjectNode body = Json.object(request);
    if (!body.path("url").isString()) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "A location has a url.");
    }
    String id = request.pathParam("image");
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("image_id", id);
    input.put("loc_url", body.path("url"));
    input.put(
        "validation_data", body.has("validation_data") ? body.path("validation_data") : Map.of());
    locations.add(
        caller,
        id,
        new NewLocation(
            body.path("url").stringValue(), ImageLocation.SILENT, LocationText.claims(body)),
        Exchange.of(request).id(),
        Json.text(input));
    request.status(HttpStatus.ACCEPTED);
  }
}
