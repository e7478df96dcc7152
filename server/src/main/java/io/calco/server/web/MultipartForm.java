package io.calco.server.web;

import io.calco.disk.BulkInput;
import io.calco.server.http.ApiException;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A form with a file, `multipart/form-data` (RFC 7578): fields first, then the file, which is read
/// as it comes and kept nowhere.
///
/// Thread rule: confined to the request's handler.
public final class MultipartForm {
  private static final Pattern BOUNDARY =
      Pattern.compile(
          "(?i)multipart/form-data;.*boundary=(?:\"([^\"]{1,70})\"|([^\";\\s]{1,70})).*");
  private static final Pattern NAME = Pattern.compile("(?i).*[;\\s]name=\"([^\"]*)\".*");
  private static final Pattern FILE_NAME = Pattern.compile("(?i).*[;\\s]filename=\"([^\"]*)\".*");
  private static final int BUFFER = 128 << 10;
  private static final int LINE_MAX = 4096;
  private static final int LINES_MAX = 20;
  private static final int FIELD_MAX = 64 << 10;
  private static final int FIELDS_MAX = 50;

  private final Map<String, String> fields = new HashMap<>();
  private final Source source;
  private String fileName = "";

  private MultipartForm(Source source) {
    this.source = source;
  }

  /// Reads the fields of a request up to the file.
  ///
  /// @throws ApiException 400 when it is no such form
  public static MultipartForm read(Context request) throws IOException {
    Matcher type = BOUNDARY.matcher(String.valueOf(request.contentType()));
    if (!type.matches()) {
      throw wrong("The request is no form with a file.");
    }
    String boundary = type.group(1) == null ? type.group(2) : type.group(1);
    MultipartForm form =
        new MultipartForm(new Source(request.req().getInputStream(), "\r\n--" + boundary));
    form.readFields();
    return form;
  }

  /// The fields before the file.
  public Map<String, String> fields() {
    return Map.copyOf(fields);
  }

  /// What the sender calls the file; empty when there is none.
  public String fileName() {
    return fileName;
  }

  /// The file. Ends where it ends; a request that ends before fails.
  public InputStream file() {
    return source;
  }

  private static ApiException wrong(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, message);
  }

  private void readFields() throws IOException {
    source.skipFirstBoundary();
    for (int i = 0; i < FIELDS_MAX && source.nextPart(); i++) {
      String disposition = disposition();
      Matcher name = NAME.matcher(disposition);
      Matcher file = FILE_NAME.matcher(disposition);
      if (!name.matches()) {
        throw wrong("A part of the form has no name.");
      }
      if (file.matches()) {
        String path = file.group(1);
        fileName = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return;
      }
      byte[] value = source.readNBytes(FIELD_MAX + 1);
      if (value.length > FIELD_MAX) {
        throw wrong("A field of the form is too long.");
      }
      fields.put(name.group(1), new String(value, StandardCharsets.UTF_8).strip());
    }
  }

  /// The header `Content-Disposition` of the part that begins.
  private String disposition() throws IOException {
    String found = "";
    for (int i = 0; i < LINES_MAX; i++) {
      String line = source.line();
      if (line.isEmpty()) {
        return found;
      }
      if (line.regionMatches(true, 0, "content-disposition:", 0, 20)) {
        found = line;
      }
    }
    throw wrong("A part of the form has too many headers.");
  }

  /// The body of the request, in parts: a read ends where a part does.
  private static final class Source extends BulkInput {
    private final InputStream in;
    private final byte[] mark;
    private final byte[] buffer = new byte[BUFFER];
    private int from;
    private int to;
    private boolean begun;
    private boolean ended;

    /// Where the next boundary begins in the buffer, or where it could.
    private int limit;

    private boolean atBoundary;

    Source(InputStream in, String mark) {
      this.in = in;
      this.mark = mark.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// The first boundary has no line before it.
    void skipFirstBoundary() throws IOException {
      byte[] first = in.readNBytes(mark.length - 2);
      for (int i = 0; i < mark.length - 2; i++) {
        if (i >= first.length || first[i] != mark[i + 2]) {
          throw wrong("The form does not begin with its boundary.");
        }
      }
    }

    /// Goes to the next part; false after the last.
    boolean nextPart() throws IOException {
      if (begun) {
        byte[] skipped = new byte[LINE_MAX];
        while (read(skipped) >= 0) {
          // what the reader of the part left
        }
        from += mark.length;
        atBoundary = false;
      }
      begun = true;
      return line().isBlank();
    }

    /// A line of the headers, which have no boundary in them.
    String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = raw(); c != '\n'; c = raw()) {
        if (c < 0) {
          throw new EOFException("the form ends early");
        }
        if (line.length() == LINE_MAX) {
          throw wrong("A header of the form is too long.");
        }
        line.append((char) c);
      }
      limit = from;
      byte[] bytes = line.toString().stripTrailing().getBytes(StandardCharsets.ISO_8859_1);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private int raw() throws IOException {
      if (from == to && !fill()) {
        return -1;
      }
      return buffer[from++] & 0xff;
    }

    /// More bytes behind those that are there.
    private boolean fill() throws IOException {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      limit = Math.max(0, limit - from);
      from = 0;
      int n = ended ? -1 : in.read(buffer, to, buffer.length - to);
      if (n < 0) {
        ended = true;
        return false;
      }
      to += n;
      return true;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      while (from == limit && !atBoundary) {
        find();
        if (from == limit && !atBoundary && !fill()) {
          throw new EOFException("the form ends early");
        }
      }
      if (from == limit) {
        return -1;
      }
      int n = Math.min(length, limit - from);
      System.arraycopy(buffer, from, bytes, offset, n);
      from += n;
      return n;
    }

    /// Sets the limit at the boundary, or before what could be the beginning of one.
    private void find() {
      int last = to - mark.length;
      for (int at = from; at <= last; at++) {
        if (buffer[at] == '\r' && matches(at)) {
          limit = at;
          atBoundary = true;
          return;
        }
      }
      limit = Math.max(from, last + 1);
    }

    private boolean matches(int at) {
      for (int i = 1; i < mark.length; i++) {
        if (buffer[at + i] != mark[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
