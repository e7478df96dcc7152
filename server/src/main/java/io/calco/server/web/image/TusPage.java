package io.calco.server.web.image;

import io.calco.engine.identity.Caller;
import io.calco.engine.images.Images;
import io.calco.engine.upload.PartChecksum;
import io.calco.engine.upload.Upload;
import io.calco.engine.upload.Uploads;
import io.calco.engine.upload.WrongChecksumException;
import io.calco.server.http.ApiException;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.calco.server.web.WebPages;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// `/uploads`: the protocol of resumable uploads, tus 1.0.0, with its extensions creation,
/// termination, checksum and expiration.
///
/// Metadata of a creation: `filename`; `image`, the id of an image that waits for content, or what
/// a new one is to be: `name`, `disk_format`, `visibility`, `tags`.
public final class TusPage implements Page {
  private static final String VERSION = "1.0.0";
  private static final String CONTENT = "application/offset+octet-stream";
  private static final int WRONG_CHECKSUM = 460;
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", java.util.Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Uploads uploads;
  private final Images images;

  /// Takes them for these images.
  public TusPage(Uploads uploads, Images images) {
    this.uploads = uploads;
    this.images = images;
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .other(HandlerType.OPTIONS, "/uploads", TusPage::options)
        .post("/uploads", this::create)
        .other(HandlerType.HEAD, "/uploads/{upload}", this::tell)
        .other(HandlerType.PATCH, "/uploads/{upload}", this::append)
        .other(HandlerType.DELETE, "/uploads/{upload}", this::terminate)
        .post("/uploads/{upload}/cancel", this::cancel);
  }

  private static View options(Visit visit) {
    visit
        .request()
        .header("Tus-Resumable", VERSION)
        .header("Tus-Version", VERSION)
        .header("Tus-Extension", "creation,termination,checksum,expiration")
        .header("Tus-Checksum-Algorithm", String.join(",", PartChecksum.names()))
        .status(HttpStatus.NO_CONTENT);
    return new View.Done();
  }

  private static void requireVersion(Context request) {
    request.header("Tus-Resumable", VERSION);
    if (!VERSION.equals(header(request, "Tus-Resumable"))) {
      throw new ApiException(
          HttpStatus.PRECONDITION_FAILED,
          "This speaks tus %s.".formatted(VERSION),
          Map.of("Tus-Version", VERSION));
    }
  }

  private static String header(Context request, String name) {
    String value = request.header(name);
    return value == null ? "" : value;
  }

  private View create(Visit visit) throws IOException {
    Context request = visit.request();
    requireVersion(request);
    long length = number(request, "Upload-Length");
    Map<String, String> about = metadata(header(request, "Upload-Metadata"));
    Caller caller = visit.caller();
    String known = about.getOrDefault("image", "");
    String id =
        known.isEmpty()
            ? images.add(caller, Optional.empty(), ImageForm.attributes(about::get)).id()
            : images.get(caller, known).id();
    Upload upload;
    try {
      upload = uploads.begin(caller, id, about.getOrDefault("filename", ""), length);
    } catch (IOException | RuntimeException e) {
      if (known.isEmpty()) {
        images.delete(caller, id);
      }
      throw e;
    }
    request
        .status(HttpStatus.CREATED)
        .header("Location", WebPages.ROOT + "/uploads/" + upload.id());
    expires(request, upload);
    return new View.Done();
  }

  private static void expires(Context request, Upload upload) {
    if (upload.phase() == Upload.Phase.RECEIVING) {
      request.header("Upload-Expires", HTTP_DATE.format(upload.expires()));
    }
  }

  private static long number(Context request, String name) {
    String text = header(request, name);
    if (!text.matches("[0-9]{1,18}")) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "%s must be a number of bytes.".formatted(name));
    }
    return Long.parseLong(text);
  }

  /// `key base64,key base64`.
  private static Map<String, String> metadata(String header) {
    Map<String, String> metadata = new HashMap<>();
    for (String pair : header.split(",", -1)) {
      String[] parts = pair.strip().split(" +", 2);
      try {
        byte[] value = parts.length == 2 ? Base64.getDecoder().decode(parts[1]) : new byte[0];
        metadata.put(parts[0], new String(value, StandardCharsets.UTF_8).strip());
      } catch (IllegalArgumentException e) {
        throw new ApiException(HttpStatus.BAD_REQUEST, "Upload-Metadata is not base64.");
      }
    }
    return metadata;
  }

  private View tell(Visit visit) {
    Context request = visit.request();
    requireVersion(request);
    Upload upload = uploads.get(visit.caller(), visit.path("upload"));
    request
        .header("Upload-Offset", String.valueOf(upload.offset()))
        .header("Upload-Length", String.valueOf(upload.length()))
        .status(HttpStatus.OK);
    expires(request, upload);
    return new View.Done();
  }

  private View append(Visit visit) throws IOException {
    Context request = visit.request();
    requireVersion(request);
    if (!CONTENT.equals(request.contentType())) {
      throw new ApiException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The content's type must be %s.".formatted(CONTENT));
    }
    long offset = number(request, "Upload-Offset");
    Optional<PartChecksum> checksum = checksum(header(request, "Upload-Checksum"));
    try {
      Upload upload =
          uploads.append(
              visit.caller(),
              visit.path("upload"),
              offset,
              request.req().getInputStream(),
              checksum);
      request
          .header("Upload-Offset", String.valueOf(upload.offset()))
          .status(HttpStatus.NO_CONTENT);
      expires(request, upload);
    } catch (WrongChecksumException e) {
      request
          .status(WRONG_CHECKSUM)
          .contentType("text/plain")
          .result(String.valueOf(e.getMessage()));
    }
    return new View.Done();
  }

  private static Optional<PartChecksum> checksum(String header) {
    if (header.isEmpty()) {
      return Optional.empty();
    }
    String[] parts = header.split(" ", 2);
    try {
      Optional<PartChecksum> checksum =
          PartChecksum.of(
              parts[0], parts.length == 2 ? Base64.getDecoder().decode(parts[1]) : new byte[0]);
      if (checksum.isPresent()) {
        return checksum;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new ApiException(HttpStatus.BAD_REQUEST, "Upload-Checksum is none that is known.");
  }

  private View terminate(Visit visit) throws IOException {
    requireVersion(visit.request());
    uploads.cancel(visit.caller(), visit.path("upload"));
    visit.request().status(HttpStatus.NO_CONTENT);
    return new View.Done();
  }

  /// The same from a form.
  private View cancel(Visit visit) throws IOException {
    uploads.cancel(visit.caller(), visit.path("upload"));
    return View.redirect("/images/new", "new.cancelled");
  }
}
