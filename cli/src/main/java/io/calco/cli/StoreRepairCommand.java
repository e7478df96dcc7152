package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreVerification;
import java.io.IOException;

/// `calco store repair`.
final class StoreRepairCommand extends StoreCommand.OnStore {
  private final Value<String> from =
      words.option(
          "--from",
          "ADDRESS",
          String.class,
          "Another store, or the directory of a home that has one: what is lost here is taken from"
              + " there. Of an encrypted store only one with the same key can help: a copy of it.");

  StoreRepairCommand() {
    super(
        "repair",
        "Verify, and mend: rescue what is sound in damaged packs, write the index anew, and take"
            + " what is lost from another store.",
        "Works beside a server, but not beside a collection. Tells what is damaged still.");
    words.examples(
        "calco store repair",
        "calco store repair --from /mnt/backup/calco",
        "calco store repair --from sftp://ana@nas/srv/calco");
    StoreVerifyCommand.declareExitCodes(words);
  }

  @Override
  int run(Calco calco, HomeStore store) throws IOException {
    StoreVerification left;
    try (Progress progress = progress()) {
      left = store.repair(calco, from.optional(), options(), progress);
    }
    return StoreVerifyCommand.tell(this, left);
  }

  @Override
  int exitCode(OperationException.Kind kind) {
    return StoreVerifyCommand.exitCodeOf(kind);
  }
}
