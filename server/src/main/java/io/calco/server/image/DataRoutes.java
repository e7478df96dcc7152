package io.calco.server.image;

import io.calco.catalog.ImageData;
import io.calco.engine.OperationException;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ContentStores;
import io.calco.engine.images.ImageImports;
import io.calco.engine.images.ImageNames;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageTransfers;
import io.calco.engine.images.ImageTransfers.Download;
import io.calco.engine.images.ImportRequest;
import io.calco.engine.images.ImportRequest.Demand;
import io.calco.engine.images.ImportRequest.Reach;
import io.calco.server.http.ApiException;
import io.calco.server.http.Authentication;
import io.calco.server.http.ByteRange;
import io.calco.server.http.Exchange;
import io.calco.server.http.Json;
import io.calco.server.http.ResponseBody;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Images' content: upload, stage, import, download.
final class DataRoutes implements Routes {
  private static final String IMAGE = ImageApi.PREFIX + "/images/{image}";
  private static final String BYTES = "application/octet-stream";
  private static final String STORE_HEADER = "X-Image-Meta-Store";
  private static final String SIZE_HEADER = "x-openstack-image-size";

  private static final String NEEDED = "'%s' needs to be set for glance-download import method";

  /// Ours.
  private static final int PREFERRED_MAX = 16;

  private final ImageTransfers transfers;
  private final ImageImports imports;
  private final ContentStores stores;
  private final ExportDownload exports;
  private final ImageNames names;
  private final Authentication authentication;

  DataRoutes(ImageService service, Authentication authentication) {
    this.transfers = service.transfers();
    this.imports = service.imports();
    this.stores = service.stores();
    this.exports = new ExportDownload(service.exports());
    this.names = service.names();
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .put(IMAGE + "/file", this::upload)
        .get(IMAGE + "/file", this::download)
        .put(IMAGE + "/stage", this::stage)
        .post(IMAGE + "/import", this::begin);
  }

  private void upload(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    requireBytes(request);
    String store = Optional.ofNullable(request.header(STORE_HEADER)).orElse(stores.usual());
    try {
      transfers.upload(
          caller, request.pathParam("image"), request.bodyInputStream(), size(request), store);
    } catch (OperationException e) {
      throw refusedContent(e);
    }
    request.status(HttpStatus.NO_CONTENT);
  }

  private void stage(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    requireBytes(request);
    transfers.stage(caller, request.pathParam("image"), request.bodyInputStream(), size(request));
    request.status(HttpStatus.NO_CONTENT);
  }

  /// Content that is refused is of a type that is not taken.
  private static RuntimeException refusedContent(OperationException e) {
    return e.kind() == OperationException.Kind.CORRUPT
        ? new ApiException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, String.valueOf(e.getMessage()))
        : e;
  }

  private static void requireBytes(Context request) {
    if (!PatchText.mediaType(request).equals(BYTES)) {
      throw new ApiException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The content's type must be %s.".formatted(BYTES));
    }
  }

  private static OptionalLong size(Context request) {
    String stated = request.header(SIZE_HEADER);
    if (stated == null) {
      long length = request.req().getContentLengthLong();
      return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    }
    if (!stated.matches("[0-9]{1,18}")) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "%s is no number of bytes: %s".formatted(SIZE_HEADER, stated));
    }
    return OptionalLong.of(Long.parseLong(stated));
  }

  private void download(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    String image = names.id(caller, request.pathParam("image"));
    if (ExportDownload.asked(request)) {
      exports.send(request, caller, image);
      return;
    }
    String stores = Optional.ofNullable(request.queryParam("prefer")).orElse("");
    List<String> preferred = Stream.of(stores.split(",")).limit(PREFERRED_MAX).toList();
    Optional<Download> found = transfers.open(caller, image, preferred);
    if (found.isEmpty()) {
      request.status(HttpStatus.NO_CONTENT);
      return;
    }
    send(request, found.get());
  }

  private static void send(Context request, Download download) throws IOException {
    ImageData data = download.data();
    Optional<ByteRange> range =
        ByteRange.of(Optional.ofNullable(request.header("Range")), data.size());
    ByteRange part = ByteRange.head(request.contentType(BYTES), range, data.size());
    if (range.isEmpty() && !data.md5().isEmpty()) {
      request.header("Content-MD5", data.md5());
    }
    download.writeTo(ResponseBody.of(request), part.start(), part.length());
  }

  private void begin(Context request) throws IOException {
    Caller caller = authentication.caller(request);
    ObjectNode body = Json.object(request);
    ImportRequest.Method method = method(request, body);
    ImportRequest.Targets targets =
        targets(body, Optional.ofNullable(request.header(STORE_HEADER)));
    String id = request.pathParam("image");
    String input =
        Json.text(
            Map.of(
                "image_id",
                id,
                "import_req",
                body,
                "backend",
                targets.reach() == Reach.ALL ? stores.names() : targets.stores()));
    imports.begin(caller, id, new ImportRequest(method, targets, Exchange.of(request).id(), input));
    request.status(HttpStatus.ACCEPTED);
  }

  private static ImportRequest.Targets targets(ObjectNode body, Optional<String> header) {
    boolean all = truth(body, "all_stores", false);
    Demand demand = truth(body, "all_stores_must_succeed", true) ? Demand.ALL : Demand.ANY;
    JsonNode named = body.path("stores");
    if (all && (body.has("stores") || header.isPresent())) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "All_stores parameter can't be used with x-image-meta-store header or stores parameter");
    }
    if (body.has("stores") && header.isPresent()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "Stores parameter and x-image-meta-store header can't be both specified");
    }
    List<String> stores = new ArrayList<>(header.stream().toList());
    for (JsonNode store : named) {
      stores.add(store.asString(""));
    }
    return new ImportRequest.Targets(all ? Reach.ALL : Reach.NAMED, stores, demand);
  }

  private static boolean truth(ObjectNode body, String name, boolean otherwise) {
    JsonNode value = body.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "'%s' must be boolean value only".formatted(name));
    }
    return value.booleanValue();
  }

  private static ImportRequest.Method method(Context request, ObjectNode body) {
    JsonNode method = body.path("method");
    if (!method.isObject()) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "Import request requires a 'method' field.");
    }
    return switch (text(method, "name", "Import request requires a 'name' field.")) {
      case "glance-direct" -> new ImportRequest.Method.Staged();
      case "web-download" ->
          new ImportRequest.Method.Web(
              text(method, "uri", "'uri' field is required for 'web-download' import method"));
      case "glance-download" ->
          new ImportRequest.Method.Remote(
              text(method, "glance_region", NEEDED.formatted("glance_region")),
              text(method, "glance_image_id", NEEDED.formatted("glance_image_id")),
              method.path("glance_service_interface").asString("public"),
              Optional.ofNullable(request.header(Authentication.HEADER)).orElse(""));
      case "copy-image" -> new ImportRequest.Method.Copy();
      case String other ->
          throw new ApiException(
              HttpStatus.BAD_REQUEST, "Unknown import method name '%s'.".formatted(other));
    };
  }

  private static String text(JsonNode object, String name, String without) {
    JsonNode value = object.path(name);
    if (!value.isString()) {
      throw new ApiException(HttpStatus.BAD_REQUEST, without);
    }
    return value.stringValue();
  }
}
