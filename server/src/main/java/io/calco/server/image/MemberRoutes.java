package io.calco.server.image;

import io.calco.catalog.ImageMember;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageSharing;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// With whom images are shared.
final class MemberRoutes implements Routes {
  private static final String MEMBERS = ImageApi.PREFIX + "/images/{image}/members";
  private static final String MEMBER = MEMBERS + "/{member}";

  private final ImageSharing sharing;
  private final Authentication authentication;

  MemberRoutes(ImageService service, Authentication authentication) {
    this.sharing = service.sharing();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get(MEMBERS, this::list)
        .post(MEMBERS, this::add)
        .get(MEMBER, this::show)
        .put(MEMBER, this::update)
        .delete(MEMBER, this::delete);
  }

  private void list(Context request) throws IOException {
    var members = sharing.list(authentication.caller(request), request.pathParam("image"));
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of(
            "members",
            members.stream().map(ImageText::of).toList(),
            "schema",
            ImageApi.PREFIX + "/schemas/members"));
  }

  private void add(Context request) throws IOException {
    var caller = authentication.caller(request);
    String member = text(request, "member");
    answer(request, sharing.add(caller, request.pathParam("image"), member));
  }

  private void show(Context request) throws IOException {
    answer(
        request,
        sharing.get(
            authentication.caller(request),
            request.pathParam("image"),
            request.pathParam("member")));
  }

  private void update(Context request) throws IOException {
    var caller = authentication.caller(request);
    String text = text(request, "status");
    ImageMember.Status status =
        ImageMember.Status.of(text)
            .orElseThrow(() ->
                new ApiException(
                    HttpStatus.BAD_REQUEST,
                    "Incorrect request: '%s' is not one of pending, accepted, rejected."
                        .formatted(text)));
    answer(
        request,
        sharing.update(caller, request.pathParam("image"), request.pathParam("member"), status));
  }

  private void delete(Context request) throws IOException {
    sharing.delete(
        authentication.caller(request), request.pathParam("image"), request.pathParam("member"));
    request.status(HttpStatus.NO_CONTENT);
  }

  private static String text(Context request, String name) throws IOException {
    JsonNode value = Json.object(request).path(name);
    if (!value.isString()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "Expected a member named '%s' with a text.".formatted(name));
    }
    return value.stringValue();
  }

  private static void answer(Context request, ImageMember member) {
    Json.answer(request, HttpStatus.OK, ImageText.of(member));
  }
}
