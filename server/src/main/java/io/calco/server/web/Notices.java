package io.calco.server.web;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// What a page is to say because of what was done before it was asked for: a message's key and its
/// values, in a cookie that is taken away when it was read.
final class Notices {
  private static final int LENGTH_MAX = 2000;
  private static final int VALUE_MAX = 300;

  private Notices() {}

  static void leave(Context request, List<String> notice) {
    List<String> bounded =
        notice.stream()
            .map(value -> value.substring(0, Math.min(value.length(), VALUE_MAX)))
            .map(value -> value.replace('\n', ' '))
            .toList();
    byte[] bytes = String.join("\n", bounded).getBytes(StandardCharsets.UTF_8);
    Cookies.set(
        request, Cookies.NOTICE, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /// The message; empty when there is none. It stays until a page has shown it.
  static String read(Context request, Text text) {
    String cookie = Cookies.read(request, Cookies.NOTICE);
    if (cookie.isEmpty() || cookie.length() > LENGTH_MAX) {
      return "";
    }
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(cookie), StandardCharsets.UTF_8).split("\n", -1);
      Object[] values = List.of(parts).subList(1, parts.length).toArray();
      return text.has(parts[0]) ? text.of(parts[0], values) : "";
    } catch (IllegalArgumentException e) { // not from us
      return "";
    }
  }

  static void shown(Context request) {
    if (!Cookies.read(request, Cookies.NOTICE).isEmpty()) {
      Cookies.remove(request, Cookies.NOTICE);
    }
  }
}
