package io.calco.server.image;

import io.calco.disk.JobContext;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.images.ImageExports;
import io.calco.server.http.ByteRange;
import io.calco.server.http.ResponseBody;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sends an image in the format that a request names: `?format=vmdk`, `&subformat=…`,
/// `&compression=zst`. What is not compressed has a length, and any part of it can be had; a part
/// of another time goes on where this one ended (RFC 9110, 13.1.5 and 14).
public final class ExportDownload {
  private static final String FORMAT = "format";
  private static final String SUBFORMAT = "subformat";
  private static final String COMPRESSION = "compression";

  private final ImageExports exports;

  /// Of these.
  public ExportDownload(ImageExports exports) {
    this.exports = exports;
  }

  /// True when a request names a format.
  static boolean asked(Context request) {
    return request.queryParam(FORMAT) != null || request.queryParam(COMPRESSION) != null;
  }

  /// Sends an image; as it came, when no format is named.
  ///
  /// @param image its id
  public void send(Context request, Caller caller, String image) throws IOException {
    ExportFormat how =
        ExportFormat.parse(
            parameter(request, FORMAT),
            parameter(request, SUBFORMAT),
            parameter(request, COMPRESSION));
    try (ImageExport export = exports.open(caller, image, how, JobContext.SILENT)) {
      send(request, export);
    }
  }

  private static Optional<String> parameter(Context request, String name) {
    return Optional.ofNullable(request.queryParam(name));
  }

  /// Sends what is open.
  public static void send(Context request, ImageExport export) throws IOException {
    String tag = "\"" + export.tag() + "\"";
    request
        .contentType("application/octet-stream")
        .header("Content-Disposition", "attachment; filename=\"%s\"".formatted(export.fileName()))
        .header("ETag", tag);
    if (matches(request.header("If-None-Match"), tag)) {
      request.status(HttpStatus.NOT_MODIFIED);
      return;
    }
    if (export.size().isEmpty()) {
      request.header("Accept-Ranges", "none");
      export.send(ResponseBody.of(request), JobContext.SILENT);
      return;
    }
    long size = export.size().getAsLong();
    String condition = request.header("If-Range");
    boolean same = condition == null || condition.strip().equals(tag);
    Optional<ByteRange> range =
        same ? ByteRange.of(Optional.ofNullable(request.header("Range")), size) : Optional.empty();
    ByteRange part = ByteRange.head(request, range, size);
    export.send(ResponseBody.of(request), part.start(), part.length(), JobContext.SILENT);
  }

  private static boolean matches(@Nullable String header, String tag) {
    if (header == null) {
      return false;
    }
    for (String each : header.split(",", 100)) {
      String known = each.strip();
      if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
        return true;
      }
    }
    return false;
  }
}
