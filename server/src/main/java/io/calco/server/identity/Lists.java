package io.calco.server.identity;

import io.calco.server.http.Addresses;
import io.calco.server.http.Json;
import io.calco.server.identity.Views.ListLinks;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Lists of things, and which of them a request asks for.
final class Lists {
  private Lists() {}

  static void answer(Context request, String name, List<?> things) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(name, things);
    body.put("links", ListLinks.of(Addresses.base(request) + request.path()));
    Json.answer(request, HttpStatus.OK, body);
  }

  /// Whether a thing has the value that the query asks for, if it asks for one.
  static boolean asked(Context request, String name, String value) {
    String wanted = request.queryParam(name);
    return wanted == null || wanted.equals(value);
  }

  /// As [#asked], where any word but `false` and `0` means true.
  static boolean asked(Context request, String name, boolean value) {
    String wanted = request.queryParam(name);
    return wanted == null || value != (wanted.equalsIgnoreCase("false") || wanted.equals("0"));
  }
}
