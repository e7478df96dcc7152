package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// A command that works on Calco's home: templates, clones, the catalogue.
abstract class HomeCommand extends CommandBase {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "Where Calco keeps its state (default: $$CALCO_HOME, else /var/lib/calco for root,"
              + " ~/.local/share/calco for others).")
  private @Nullable Path home;

  @Override
  final int run() throws IOException {
    Home at =
        home == null
            ? Home.locate(System.getenv())
            : Home.locate(Map.of("CALCO_HOME", home.toString()));
    try (Calco calco = Calco.open(at)) {
      return run(calco);
    }
  }

  /// Does the work; the exit code.
  abstract int run(Calco calco) throws IOException;
}
