package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import java.io.IOException;

/// `calco repo set`.
final class RepoSetCommand extends BackupCommand.OnRepository {
  private final Flag grows =
      words.flag(
          "--append-only",
          "From now on no Calco takes anything from it: no forget, no prune, no repair, no key"
              + " removed.");
  private final Flag shrinks = words.flag("--no-append-only", "Let things be taken from it again.");

  RepoSetCommand() {
    super(
        "set",
        "Change what a repository allows.",
        "Append-only is a mark in the repository, which Calco obeys. Against somebody who has your"
            + " credentials the place itself must refuse: a backup replaces and deletes nothing but"
            + " its own objects below sessions/.");
    words.oneOf(grows, shrinks);
    words.examples(
        "calco repo set --append-only --repo /mnt/usb/backups",
        "calco repo set --no-append-only --repo /mnt/usb/backups");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    if (!grows.given() && !shrinks.given()) {
      throw new OperationException(
          Kind.USAGE, "nothing to set", "say --append-only or --no-append-only");
    }
    if (grows.given()) {
      repository.store().makeAppendOnly();
    } else {
      repository.store().liftAppendOnly();
    }
    say(
        "%s: %s"
            .formatted(
                repository.address(),
                grows.given() ? "append-only" : "things can be taken from it"));
    return ExitCode.DONE;
  }
}
