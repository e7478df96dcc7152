package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.Optional;

/// `--repo` and `--repo-passphrase-file` of commands that work on restore points.
final class RepositoryFlags {
  private final Value<String> address;
  private final Value<String> passphrase;
  private final Value<String> rate;

  /// @param names of the option that names the repository
  RepositoryFlags(Syntax words, String names) {
    address =
        words.option(
            names,
            "ADDRESS",
            String.class,
            "The repository: a directory, or a place that is written sftp://, s3://, smb:// or"
                + " calco:// (default: $$"
                + BackupRepository.VARIABLE
                + ").");
    passphrase = passphrase(words);
    rate =
        words.option(
            "--rate-limit",
            "RATE",
            String.class,
            "Let at most so many bytes a second pass to and from the repository, such as 5M.");
  }

  RepositoryOptions options() {
    return options(rate);
  }

  static RepositoryOptions options(Value<String> rate) {
    return RepositoryOptions.defaults().withRate(DiskCommand.rate(rate));
  }

  static Value<String> passphrase(Syntax words) {
    return words.option(
        "--repo-passphrase-file",
        "FILE",
        String.class,
        "Holds the passphrase of an encrypted repository, or its recovery key; - for standard input"
            + " (default: the file that $$"
            + BackupRepository.PASSPHRASE_VARIABLE
            + " names).");
  }

  /// The repository's passphrase; the caller closes it.
  static StoreSecret secret(Optional<String> file) throws IOException {
    return file.isPresent()
        ? StoreSecret.owning(PassphraseFile.readLine(file.get()))
        : StoreSecret.ofFile(
            System.getenv().getOrDefault(BackupRepository.PASSPHRASE_VARIABLE, ""));
  }

  /// True when the passphrase is read from standard input.
  boolean isStandardInput() {
    return passphrase.optional().equals(Optional.of("-"));
  }

  /// True when the command line itself names one.
  boolean given() {
    return address.given();
  }

  StoreSecret secret() throws IOException {
    return secret(passphrase.optional());
  }

  String address() {
    return BackupRepository.address(address.optional(), System.getenv());
  }
}
