package io.calco.server.web;

import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// What a page answers.
public sealed interface View {

  /// A template, which takes the [Frame] as `frame` and its model as `page`.
  ///
  /// @param status of the answer
  /// @param template its path below `src/main/jte/web`, without `.jte`: `image/catalogue`
  /// @param model what it shows
  record Html(HttpStatus status, String template, Object model) implements View {}

  /// Another page is to be shown, by a GET.
  ///
  /// @param path below [WebPages#ROOT], such as `/images`
  /// @param notice what it is to say above all else; empty for nothing
  record Redirect(String path, List<String> notice) implements View {
    /// Copies the list.
    public Redirect {
      notice = List.copyOf(notice);
    }
  }

  /// Bytes for the user to save.
  ///
  /// @param type of the content, as HTTP names it
  /// @param fileName what the browser is to call it; any text
  /// @param size in bytes; below 0 when it is not known
  /// @param content writes them
  record Saved(String type, String fileName, long size, Writing content) implements View {}

  /// The handler has answered by itself.
  record Done() implements View {}

  /// Writes the bytes of an answer.
  @FunctionalInterface
  interface Writing {
    /// Writes all of them.
    void to(OutputStream out) throws IOException;
  }

  /// A page.
  static View page(String template, Object model) {
    return new Html(HttpStatus.OK, template, model);
  }

  /// Another page.
  static View redirect(String path) {
    return new Redirect(path, List.of());
  }

  /// Another page, which says first what was done.
  ///
  /// @param path below [WebPages#ROOT]
  /// @param key of the message
  /// @param values for its places
  static View redirect(String path, String key, String... values) {
    java.util.ArrayList<String> notice = new java.util.ArrayList<>(List.of(key));
    notice.addAll(List.of(values));
    return new Redirect(path, notice);
  }
}
