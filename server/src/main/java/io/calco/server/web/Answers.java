package io.calco.server.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import io.calco.server.http.ApiException;
import io.calco.server.http.Failures;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Gives a browser what a page answered.
final class Answers {
  private static final String PACKAGE = "io.calco.server";

  /// Nothing but what this server sends is loaded, run, framed or sent to; nothing that stands in a
  /// page itself is run.
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
          + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  private final TemplateEngine templates =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Answers.class.getClassLoader(), PACKAGE);

  /// The headers of every answer below [WebPages#ROOT].
  static void protect(Context request) {
    request
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("X-Frame-Options", "DENY")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        .header("Cache-Control", "no-store");
  }

  /// Pictures that a page's own script has made are shown there, too.
  static void allowOwnPictures(Context request) {
    request.header(
        "Content-Security-Policy", POLICY.replace("img-src 'self'", "img-src 'self' data:"));
  }

  void give(Context request, Frame frame, View view) throws IOException {
    switch (view) {
      case View.Html(HttpStatus status, String template, Object model) -> {
        Notices.shown(request);
        render(request, frame, status, template, model);
      }
      case View.Redirect redirect -> {
        if (!redirect.notice().isEmpty()) {
          Notices.leave(request, redirect.notice());
        }
        request.redirect(WebPages.ROOT + redirect.path(), HttpStatus.SEE_OTHER);
      }
      case View.Saved saved -> save(request, saved);
      case View.Done _ -> {}
    }
  }

  private void render(
      Context request, Frame frame, HttpStatus status, String template, Object model) {
    Utf8ByteOutput html = new Utf8ByteOutput();
    templates.render("web/" + template + ".jte", Map.of("frame", frame, "page", model), html);
    request
        .status(status)
        .contentType("text/html; charset=utf-8")
        .header("Content-Language", frame.text().language().tag())
        .header("Vary", "Accept-Language, Cookie")
        .result(html.toByteArray());
  }

  private static void save(Context request, View.Saved saved) throws IOException {
    String coded = URLEncoder.encode(saved.fileName(), StandardCharsets.UTF_8).replace("+", "%20");
    request
        .contentType(saved.type())
        .header("Content-Disposition", "attachment; filename*=UTF-8''" + coded);
    if (saved.size() >= 0) {
      request.res().setContentLengthLong(saved.size());
    }
    saved.content().to(request.res().getOutputStream());
  }

  /// Tells a failure: as a page to whoever asks for pages, as a sentence to others.
  void failure(Context request, Frame frame, Exception failure) {
    ApiException told = Failures.judge(failure, request);
    if (request.res().isCommitted()) {
      return; // it came amid an answer: all that can be done is to end it early
    }
    told.headers().forEach(request::header);
    String accepted = request.header("Accept");
    if (accepted == null || !accepted.contains("text/html")) {
      // a script: it shows the sentence in its own place
      request
          .status(told.status())
          .contentType("text/plain; charset=utf-8")
          .result(String.valueOf(told.getMessage()));
      return;
    }
    ErrorView error = new ErrorView(told.status().getCode(), String.valueOf(told.getMessage()));
    render(request, frame, told.status(), "error", error);
  }
}
