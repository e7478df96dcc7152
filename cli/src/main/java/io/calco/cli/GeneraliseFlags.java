package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.PathPattern;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.OperationSelection;
import io.calco.guest.identity.Hostname;
import io.calco.guest.operation.Settings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options that say how a disk is generalised.
final class GeneraliseFlags {
  @Option(
      names = "--hostname",
      paramLabel = "NAME",
      description = "The template's own host name; without one it loses the machine's.")
  private @Nullable String hostname;

  @Option(
      names = {"--operations", "--enable"},
      paramLabel = "LIST",
      defaultValue = "default",
      description =
          "What to do, as with virt-sysprep: names with commas between, default, all; a - before a"
              + " name takes it away, +NAME adds one to the defaults. 'list' prints them all.")
  private String operations = "default";

  @Option(
      names = "--keep",
      paramLabel = "PATTERN",
      description = "Leave files that match, such as /etc/cron.d/**; may be repeated.")
  private List<String> keep = new ArrayList<>();

  @Option(
      names = "--remove-user",
      paramLabel = "USER",
      description = "An account that the operation user-account removes; may be repeated.")
  private List<String> removeUsers = new ArrayList<>();

  @Option(
      names = "--keep-user",
      paramLabel = "USER",
      description = "An account that user-account leaves; may be repeated.")
  private List<String> keepUsers = new ArrayList<>();

  boolean asksForList() {
    return operations.equals("list");
  }

  GeneraliseOptions options() {
    try {
      return new GeneraliseOptions(
          OperationSelection.parse(operations),
          keep.stream().map(PathPattern::of).toList(),
          new Settings(
              Optional.ofNullable(hostname).map(Hostname::new),
              new HashSet<>(removeUsers),
              new HashSet<>(keepUsers)),
          Instant.now());
    } catch (IllegalArgumentException e) {
      throw new OperationException(
          Kind.USAGE,
          String.valueOf(e.getMessage()),
          "see: calco template create --operations list");
    }
  }
}
