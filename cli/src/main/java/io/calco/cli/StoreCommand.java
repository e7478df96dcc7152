package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreSecret;
import io.calco.store.RebuiltIndex;
import java.io.IOException;
import java.util.List;

/// `calco store`.
final class StoreCommand extends GroupCommand {
  StoreCommand() {
    super(
        "store",
        "The store that holds the served images, and others like it: each piece once, compressed.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("status", StoreStatusCommand::new),
        new Member("verify", StoreVerifyCommand::new),
        new Member("repair", StoreRepairCommand::new),
        new Member("copy", StoreCopyCommand::new),
        new Member("collect", Collect::new),
        new Member("rebuild-index", RebuildIndex::new),
        new Member("init", Init::new),
        new Member("key", StoreKeyCommand::new));
  }

  /// A command on the store of a home, or on another. It works beside a server that serves it.
  abstract static class OnStore extends HomeCommand {
    private final StoreKeyFile keyFile = new StoreKeyFile(words);
    private final Value<String> place =
        words.option(
            "--store",
            "ADDRESS",
            String.class,
            "Another store than the home's: a directory, sftp://USER@HOST/PATH, s3://BUCKET/PREFIX,"
                + " smb://USER@HOST/SHARE/PATH or calco://HOST/NAME.");
    private final Value<String> rate =
        words.option(
            "-r, --rate-limit",
            "RATE",
            String.class,
            "Let at most so many bytes a second pass to and from another store, such as 5M.");

    OnStore(String name, String... description) {
      super(name, description);
    }

    final StoreKeyFile keyFile() {
      return keyFile;
    }

    final Value<String> place() {
      return place;
    }

    final RepositoryOptions options() {
      return RepositoryOptions.defaults().withRate(DiskCommand.rate(rate));
    }

    @Override
    final int run(Calco calco) throws IOException {
      try (StoreSecret secret = keyFile.read()) {
        return run(calco, secret);
      }
    }

    /// Does the work; the exit code.
    int run(Calco calco, StoreSecret secret) throws IOException {
      try (HomeStore store =
          place.given()
              ? HomeStore.at(place.get(), options(), secret)
              : HomeStore.of(calco.home(), secret)) {
        return run(calco, store);
      }
    }

    /// Does the work on a store that is there; the exit code.
    abstract int run(Calco calco, HomeStore store) throws IOException;
  }

  /// `calco store init`.
  static final class Init extends OnStore {
    private final Flag encrypt =
        words.flag(
            "--encrypt",
            "All that is stored is sealed with AES-256-GCM; the passphrase opens it. It cannot be"
                + " done later.");

    Init() {
      super(
          "init",
          "Make the home's store, which the first calco serve does by itself otherwise; or another,"
              + " with --store.",
          "With a passphrase the store is encrypted. Print the recovery key then, and keep the"
              + " paper: calco store key recovery.");
      words.examples(
          "calco store init",
          "calco store init --encrypt --passphrase-file /etc/calco/passphrase",
          "calco store init --store sftp://ana@nas/srv/calco");
    }

    @Override
    int run(Calco calco, StoreSecret secret) throws IOException {
      if (encrypt.given() && !secret.given()) {
        throw new OperationException(
            Kind.USAGE,
            "--encrypt needs a passphrase",
            "name the file that holds it: --passphrase-file, or " + StoreSecret.VARIABLE);
      }
      try (HomeStore made =
          place().given()
              ? HomeStore.createAt(place().get(), options(), secret)
              : HomeStore.create(calco.home(), secret)) {
        return run(calco, made);
      }
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      boolean encrypted = store.isEncrypted();
      if (json()) {
        Json.print(
            out(), Json.object().put("directory", store.place()).put("encrypted", encrypted));
      } else {
        say("%s: made%s".formatted(store.place(), encrypted ? ", encrypted" : ""));
      }
      return ExitCode.DONE;
    }
  }

  /// `calco store collect`.
  static final class Collect extends OnStore {
    private final Flag dryRun =
        words.flag("-n, --dry-run", "Only tell what would be deleted and rewritten.");

    Collect() {
      super(
          "collect",
          "Delete what no image needs any more, and rewrite packs that are mostly garbage.",
          "Runs beside a server, which does it by itself once an hour (CALCO_STORE_COLLECT). What"
              + " running uploads may rest on waits for the next time.");
      words.examples("calco store collect --dry-run", "calco store collect");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      try (Progress progress = progress()) {
        if (dryRun.given()) {
          CollectionText.tell(this, store.plan(progress));
        } else {
          CollectionText.tell(this, store.collect(progress));
        }
      }
      return ExitCode.DONE;
    }
  }

  /// `calco store rebuild-index`.
  static final class RebuildIndex extends OnStore {
    RebuildIndex() {
      super(
          "rebuild-index",
          "Write the store's index anew from its packs, where it was lost or damaged.",
          "Reads the packs' tables and no content; calco store verify reads all.");
      words.examples("calco store rebuild-index");
      words.exitCodes("0:done", "1:done, but packs are damaged: calco store repair");
    }

    @Override
    int run(Calco calco, HomeStore store) throws IOException {
      RebuiltIndex rebuilt;
      try (Progress progress = progress()) {
        rebuilt = store.rebuildIndex(progress);
      }
      if (json()) {
        Json.print(
            out(),
            Json.object()
                .put("packs", rebuilt.packs())
                .put("pieces", rebuilt.pieces())
                .put("damages", LossText.damages(rebuilt.unreadable())));
      } else {
        LossText.printDamages(out(), rebuilt.unreadable());
        out()
            .printf(
                "The index tells of %s with %s.%n",
                Text.count(rebuilt.packs(), "pack"), Text.count(rebuilt.pieces(), "piece"));
      }
      return rebuilt.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.NO;
    }
  }
}
