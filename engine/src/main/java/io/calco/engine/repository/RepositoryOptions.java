package io.calco.engine.repository;

import io.calco.disk.RateLimit;
import io.calco.store.backend.Retries;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How a repository is used.
///
/// @param rate what may pass in both directions together
/// @param retries how often what failed for the moment is tried again
/// @param sshDirectory the user's `.ssh`
public record RepositoryOptions(RateLimit rate, Retries retries, Path sshDirectory) {

  /// As fast as it goes; what fails for the moment is tried again for about a minute.
  public static RepositoryOptions defaults() {
    return new RepositoryOptions(
        RateLimit.of(OptionalLong.empty()),
        Retries.defaults(),
        Path.of(System.getProperty("user.home"), ".ssh"));
  }

  /// The same with a limit.
  public RepositoryOptions withRate(RateLimit limit) {
    return new RepositoryOptions(limit, retries, sshDirectory);
  }

  /// The same with other attempts.
  public RepositoryOptions withRetries(Retries attempts) {
    return new RepositoryOptions(rate, attempts, sshDirectory);
  }

  /// The same with another `.ssh`.
  public RepositoryOptions withSshDirectory(Path directory) {
    return new RepositoryOptions(rate, retries, directory);
  }
}
