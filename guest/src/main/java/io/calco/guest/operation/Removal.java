package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;

/// An operation that removes what fits its patterns, whatever the guest.
abstract class Removal extends Operation {
  private final What what;
  private final List<String> patterns;

  /// What it takes of all that fits.
  enum What {
    /// Everything, directories with what is in them.
    TREES,
    /// All but directories.
    FILES
  }

  Removal(String name, Default byDefault, String help, What what, String... patterns) {
    super(name, byDefault, help);
    this.what = what;
    this.patterns = List.of(patterns);
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    String[] all = patterns.toArray(String[]::new);
    switch (what) {
      case TREES -> draft.removeTrees(all);
      case FILES -> draft.removeFiles(all);
    }
  }
}
