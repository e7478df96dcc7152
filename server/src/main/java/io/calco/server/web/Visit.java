package io.calco.server.web;

import io.calco.engine.identity.Caller;
import io.calco.server.http.ApiException;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A request, as pages see it.
///
/// Thread rule: confined to the handler.
public final class Visit {
  /// Ours: no field of a form is meant to be longer.
  private static final int FIELD_MAX = 65_536;

  /// Ours: no list is longer.
  private static final int FROM_MAX = 99_999_999;

  private final Context request;
  private final Optional<Caller> caller;
  private final String token;
  private final Frame frame;

  Visit(Context request, Optional<Caller> caller, String token, Frame frame) {
    this.request = request;
    this.caller = caller;
    this.token = token;
    this.frame = frame;
  }

  /// Who asks.
  public Caller caller() {
    return caller.orElseThrow(() ->
        new ApiException(HttpStatus.UNAUTHORIZED, "This page is for those who are logged in."));
  }

  /// Who asks, when they are an administrator.
  ///
  /// @throws ApiException 403 when they are not
  public Caller admin() {
    Caller found = caller();
    if (!found.isAdmin()) {
      throw new ApiException(HttpStatus.FORBIDDEN, "This page is for administrators.");
    }
    return found;
  }

  /// The session's token; empty when nobody is logged in.
  public String token() {
    return token;
  }

  /// What is around the page.
  Frame frame() {
    return frame;
  }

  /// What pages say, in the reader's language.
  public Text text() {
    return frame.text();
  }

  /// A part of the path, named in the route.
  public String path(String name) {
    return request.pathParam(name);
  }

  /// A parameter of the address; empty when it is not there.
  public String query(String name) {
    return bounded(name, request.queryParam(name));
  }

  /// A parameter of the address that is a number from 0 on, of 18 digits at most; empty for what is
  /// none.
  public OptionalLong number(String name) {
    String text = query(name);
    return text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /// How many lines of a list come before those that are shown: the parameter `from`, 0 for what is
  /// none.
  public int from() {
    return (int) Math.min(number("from").orElse(0), FROM_MAX);
  }

  /// All values of a parameter of the address, without empty ones.
  public List<String> queries(String name) {
    return request.queryParams(name).stream()
        .filter(value -> !bounded(name, value).isEmpty())
        .toList();
  }

  /// A field of the form that was sent, without spaces around it; empty when it is not there.
  public String field(String name) {
    return bounded(name, request.formParam(name)).strip();
  }

  /// A field as it was typed, such as a password.
  public String exactField(String name) {
    return bounded(name, request.formParam(name));
  }

  /// All values of a field of the form that was sent.
  public List<String> fields(String name) {
    return request.formParams(name).stream().map(value -> bounded(name, value)).toList();
  }

  /// True when a box of the form was ticked.
  public boolean ticked(String name) {
    return !field(name).isEmpty();
  }

  private static String bounded(String name, @org.jspecify.annotations.Nullable String value) {
    if (value == null) {
      return "";
    }
    if (value.length() > FIELD_MAX) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "The field %s is too long.".formatted(name));
    }
    return value;
  }

  /// Lets the scripts of the page that is answered show pictures that they have made themselves.
  public void showsOwnPictures() {
    Answers.allowOwnPictures(request);
  }

  /// True when a script asks for a part of a page.
  public boolean isForPart() {
    return request.header("HX-Request") != null;
  }

  /// The request itself, for what is more than a page.
  public Context request() {
    return request;
  }
}
