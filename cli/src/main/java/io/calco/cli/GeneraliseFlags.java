package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.PathPattern;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.GeneraliseOptions.Sysprep;
import io.calco.guest.generalise.OperationSelection;
import io.calco.guest.identity.Hostname;
import io.calco.guest.operation.Settings;
import java.time.Instant;
import java.util.HashSet;

/// Options that say how a disk is generalised.
final class GeneraliseFlags {
  private final Value<String> hostname;
  private final Value<String> operations;
  private final Values<String> keep;
  private final Values<String> removeUsers;
  private final Values<String> keepUsers;
  private final Flag ungeneralised;

  GeneraliseFlags(Syntax words) {
    hostname =
        words.option(
            "--hostname",
            "NAME",
            String.class,
            "The template's own host name; without one it loses the machine's.");
    operations =
        words.option(
            "--operations, --enable",
            "LIST",
            String.class,
            "default",
            "What to do, as with virt-sysprep: names with commas between, default, all; a - before a"
                + " name takes it away, +NAME adds one to the defaults. 'list' prints them all.");
    keep =
        words.options(
            "--keep",
            "PATTERN",
            String.class,
            "Leave files that match, such as /etc/cron.d/**; may be repeated.");
    removeUsers =
        words.options(
            "--remove-user",
            "USER",
            String.class,
            "An account that the operation user-account removes; may be repeated.");
    keepUsers =
        words.options(
            "--keep-user",
            "USER",
            String.class,
            "An account that user-account leaves; may be repeated.");
    ungeneralised =
        words.flag(
            "--allow-ungeneralised",
            "Seal a Windows that its own sysprep has not generalised: its clones share one SID.");
  }

  boolean asksForList() {
    return operations.get().equals("list");
  }

  GeneraliseOptions options() {
    try {
      return new GeneraliseOptions(
          OperationSelection.parse(operations.get()),
          keep.all().stream().map(PathPattern::of).toList(),
          new Settings(
              hostname.optional().map(Hostname::new),
              new HashSet<>(removeUsers.all()),
              new HashSet<>(keepUsers.all())),
          ungeneralised.given() ? Sysprep.OPTIONAL : Sysprep.REQUIRED,
          Instant.now());
    } catch (IllegalArgumentException e) {
      throw new OperationException(
          Kind.USAGE,
          String.valueOf(e.getMessage()),
          "see: calco template create --operations list");
    }
  }
}
