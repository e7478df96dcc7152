package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.account.Homes;
import java.io.IOException;
import java.util.List;

/// An operation that removes files which fit its patterns in every user's home directory.
abstract class HomeRemoval extends Operation {
  private final List<String> patterns;

  HomeRemoval(String name, Default byDefault, String help, String... patterns) {
    super(name, byDefault, help);
    this.patterns = List.of(patterns);
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String home : Homes.ofAll(draft.tree())) {
      for (String pattern : patterns) {
        draft.removeFiles(literal(home) + "/" + pattern);
      }
    }
  }

  /// A directory's path as a pattern that fits it alone.
  private static String literal(String path) {
    return path.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]");
  }
}
