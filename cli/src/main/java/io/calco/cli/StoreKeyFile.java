package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.Optional;

/// `--passphrase-file` of commands that open the home's store; else what
/// `CALCO_STORE_PASSPHRASE_FILE` names.
final class StoreKeyFile {
  private final Value<String> file;

  StoreKeyFile(Syntax words) {
    file =
        words.option(
            "--passphrase-file",
            "FILE",
            String.class,
            "Holds the passphrase of an encrypted store, or its recovery key; - for standard input"
                + " (default: the file that $$CALCO_STORE_PASSPHRASE_FILE names).");
  }

  /// True when it is read from standard input.
  boolean isStandardInput() {
    return file.optional().equals(Optional.of("-"));
  }

  /// The secret; the caller closes it.
  StoreSecret read() throws IOException {
    return file.given()
        ? StoreSecret.owning(PassphraseFile.readLine(file.get()))
        : StoreSecret.of(System.getenv());
  }

  /// The secret when the option was given.
  Optional<StoreSecret> given() throws IOException {
    return file.given() ? Optional.of(read()) : Optional.empty();
  }
}
