package io.calco.server.web;

import io.calco.server.http.ApiException;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/// Style sheets, scripts, fonts and pictures, which lie in `static` beside this class. Their
/// addresses have a digest of what they are, so browsers keep them for good.
///
/// Thread rule: safe for several threads.
final class StaticFiles {
  static final String PATH = WebPages.ROOT + "/static/";

  /// No path leads out of the directory: a name has no slash but that of `vendor`.
  private static final Pattern NAME =
      Pattern.compile("(vendor/)?[a-z0-9]+([.-][a-z0-9]+)*\\.(css|js|svg|woff2)");

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2");
  private static final int DIGEST_LENGTH = 12;
  private static final String FOR_GOOD = "public, max-age=31536000, immutable";
  private static final String ASK_AGAIN = "no-cache";

  private static final Map<String, StaticFile> FILES = new ConcurrentHashMap<>();

  private StaticFiles() {}

  /// A file, as it is sent.
  private static final class StaticFile {
    private final String type;
    private final String digest;
    private final byte[] plain;
    private final byte[] gzip;

    StaticFile(String type, String digest, byte[] plain, byte[] gzip) {
      this.type = type;
      this.digest = digest;
      this.plain = plain;
      this.gzip = gzip;
    }
  }

  /// The address of a file.
  ///
  /// @param name of a file that is there
  static String address(String name) {
    StaticFile file =
        find(name).orElseThrow(() -> new IllegalArgumentException("no static file " + name));
    return PATH + name + "?v=" + file.digest;
  }

  static void answer(Context request) throws IOException {
    String name = request.path().substring(PATH.length());
    StaticFile file =
        find(name)
            .orElseThrow(
                () -> new ApiException(HttpStatus.NOT_FOUND, "The resource could not be found."));
    boolean exact = file.digest.equals(request.queryParam("v"));
    String tag = "\"" + file.digest + "\"";
    request
        .contentType(file.type)
        .header("Cache-Control", exact ? FOR_GOOD : ASK_AGAIN)
        .header("ETag", tag)
        .header("Vary", "Accept-Encoding");
    if (tag.equals(request.header("If-None-Match"))) {
      request.status(HttpStatus.NOT_MODIFIED);
      return;
    }
    String encodings = request.header("Accept-Encoding");
    if (file.gzip.length < file.plain.length && encodings != null && encodings.contains("gzip")) {
      request.header("Content-Encoding", "gzip").result(file.gzip);
    } else {
      request.result(file.plain);
    }
  }

  private static Optional<StaticFile> find(String name) {
    StaticFile known = FILES.get(name);
    if (known != null || !NAME.matcher(name).matches()) {
      return Optional.ofNullable(known);
    }
    try (InputStream in = StaticFiles.class.getResourceAsStream("static/" + name)) {
      if (in == null) {
        return Optional.empty();
      }
      StaticFile file = file(name, in.readAllBytes());
      FILES.put(name, file); // as many as there are files, whatever is asked for
      return Optional.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StaticFile file(String name, byte[] plain) throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(plain);
    }
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return new StaticFile(
        String.valueOf(TYPES.get(ending)), digest(plain), plain, gzip.toByteArray());
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
          .substring(0, DIGEST_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
