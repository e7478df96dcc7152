package io.calco.engine.plan;

import io.calco.disk.RateLimit;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.OptionalLong;

/// A plan's repository, open, with what opened it.
final class Opened implements AutoCloseable {
  private final StoreSecret secret;
  private final BackupRepository repository;

  private Opened(StoreSecret secret, BackupRepository repository) {
    this.secret = secret;
    this.repository = repository;
  }

  /// Opens it.
  ///
  /// @throws OperationException REFUSED when it is off-site and not encrypted, and that was not
  ///   waived; else as [BackupRepository#open]
  static Opened open(Plan plan, PlanRepository planned, RepositoryOptions how) throws IOException {
    OptionalLong rate = plan.rate().map(OptionalLong::of).orElseGet(OptionalLong::empty);
    StoreSecret secret = StoreSecret.ofFile(planned.passphraseFile().orElse(""));
    try {
      BackupRepository repository =
          BackupRepository.open(planned.address(), how.withRate(RateLimit.of(rate)), secret);
      if (planned.mustBeEncrypted() && !repository.isEncrypted()) {
        try (repository) {
          throw new OperationException(
              Kind.REFUSED, planned.address() + ": is off-site and not encrypted");
        }
      }
      return new Opened(secret, repository);
    } catch (IOException | RuntimeException e) {
      try (secret) {
        throw e;
      }
    }
  }

  BackupRepository repository() {
    return repository;
  }

  @Override
  public void close() throws IOException {
    try (secret) {
      repository.close();
    }
  }
}
