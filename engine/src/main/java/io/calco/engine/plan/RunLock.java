package io.calco.engine.plan;

import io.calco.catalog.Name;
import io.calco.engine.Home;
import io.calco.engine.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Keeps two runs of a plan apart, in this process and others: a lock on a file in the home.
final class RunLock {
  private RunLock() {}

  /// Takes it; empty when somebody has it.
  static Optional<ProcessLock> tryTake(Home home, String plan) throws IOException {
    Path directory = Files.createDirectories(home.directory().resolve("plans"));
    return ProcessLock.tryTake(directory.resolve(Name.parse(plan) + ".lock"));
  }
}
