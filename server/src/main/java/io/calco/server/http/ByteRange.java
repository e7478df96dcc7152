package io.calco.server.http;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A part of content that a request asks for (RFC 9110, 14).
///
/// @param start its first byte
/// @param length in bytes; 0 only for all of what is empty
public record ByteRange(long start, long length) {
  private static final Pattern ONE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

  /// What the header asks for; empty for all, as where the header is none, or asks for several
  /// parts.
  ///
  /// @param header the request's `Range`
  /// @param size of the content
  /// @throws ApiException 416 when there is no such part
  public static Optional<ByteRange> of(Optional<String> header, long size) {
    Matcher range = ONE.matcher(header.orElse(""));
    if (!range.matches() || range.group(1).isEmpty() && range.group(2).isEmpty()) {
      return Optional.empty();
    }
    if (range.group(1).isEmpty()) {
      long length = Math.min(Long.parseLong(range.group(2)), size);
      if (length == 0) {
        throw unsatisfiable(size);
      }
      return Optional.of(new ByteRange(size - length, length));
    }
    long start = Long.parseLong(range.group(1));
    long last = range.group(2).isEmpty() ? size - 1 : Long.parseLong(range.group(2));
    if (!range.group(2).isEmpty() && last < start) {
      return Optional.empty(); // invalid, and so to be ignored
    }
    if (start >= size) {
      throw unsatisfiable(size);
    }
    return Optional.of(new ByteRange(start, Math.min(last, size - 1) - start + 1));
  }

  /// Heads an answer that holds this much of content, and says where that lies.
  ///
  /// @param asked the part; empty for all
  /// @return what the body is to hold
  public static ByteRange head(Context request, Optional<ByteRange> asked, long size) {
    ByteRange part = asked.orElse(new ByteRange(0, size));
    request.header("Accept-Ranges", "bytes");
    if (asked.isPresent()) {
      long last = part.start() + part.length() - 1;
      request
          .status(HttpStatus.PARTIAL_CONTENT)
          .header("Content-Range", "bytes %d-%d/%d".formatted(part.start(), last, size));
    }
    request.res().setContentLengthLong(part.length());
    return part;
  }

  private static ApiException unsatisfiable(long size) {
    return new ApiException(
        HttpStatus.RANGE_NOT_SATISFIABLE,
        "The content has %d bytes, and none of those that were asked for.".formatted(size),
        Map.of("Content-Range", "bytes */" + size));
  }
}
