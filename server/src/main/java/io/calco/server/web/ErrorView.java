package io.calco.server.web;

import java.util.Set;

/// A failure, shown.
///
/// @param status of the answer
/// @param detail what happened, in English
record ErrorView(int status, String detail) {
  private static final Set<Integer> NAMED = Set.of(400, 401, 403, 404, 409, 413, 429, 500, 503);

  /// The key of the message that says it in the reader's language.
  String key() {
    return "error." + (NAMED.contains(status) ? status : status >= 500 ? 500 : 400);
  }
}
