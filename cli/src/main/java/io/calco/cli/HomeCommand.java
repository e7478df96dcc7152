package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A command that works on Calco's home: templates, clones, the catalogue.
abstract class HomeCommand extends CommandBase {
  private final At home;

  HomeCommand(String name, String... description) {
    super(name, description);
    home = new At(words);
  }

  /// Which home is meant.
  static final class At {
    private final Value<Path> home;

    At(Syntax words) {
      home =
          words.option(
              "--home",
              "DIR",
              Path.class,
              "Where Calco keeps its state (default: $$CALCO_HOME, else /var/lib/calco for root,"
                  + " ~/.local/share/calco for others).");
    }

    Home get() {
      return home.optional()
          .map(directory -> Home.locate(Map.of("CALCO_HOME", directory.toString())))
          .orElseGet(() -> Home.locate(System.getenv()));
    }
  }

  @Override
  final int run() throws IOException {
    try (Calco calco = Calco.open(home.get())) {
      return run(calco);
    }
  }

  /// Does the work; the exit code.
  abstract int run(Calco calco) throws IOException;
}
