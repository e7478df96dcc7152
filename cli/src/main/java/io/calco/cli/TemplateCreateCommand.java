package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.operation.Operation;
import io.calco.guest.operation.Operations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco template create`.
@Command(
    name = "create",
    description = {
      "Make a sealed template of a machine's disk.",
      "What belongs to that machine alone is taken out, the disk is made read-only, and "
          + "recorded. The machine is shut off. Its disk is not touched: the template is a copy in "
          + "the pool, unless --in-place is given."
    },
    footer = {
      "",
      "Examples:",
      "  calco template create vm.qcow2 --name debian12",
      "  calco template create vm.qcow2 --name debian12 --hostname TplDebian --dry-run",
      "  calco template create vm.qcow2 --name debian12 --operations -logfiles --keep /etc/cron.d/**",
      "  calco template create --operations list"
    })
final class TemplateCreateCommand extends HomeCommand {
  @Parameters(arity = "0..1", paramLabel = "DISK", description = "The machine's disk.")
  private @Nullable Path disk;

  @Option(names = "--name", paramLabel = "NAME", description = "The template's name.")
  private @Nullable String name;

  @Mixin private GeneraliseFlags generalise = new GeneraliseFlags();
  @Mixin private TemplateFlags flags = new TemplateFlags();

  @Override
  int run(Calco calco) throws IOException {
    if (generalise.asksForList()) {
      listOperations();
      return ExitCode.DONE;
    }
    if (disk == null || name == null) {
      throw new OperationException(
          Kind.USAGE,
          "a disk and a name are needed",
          "such as: calco template create vm.qcow2 --name debian12");
    }
    String template = name;
    return flags.run(
        this,
        disk,
        generalise,
        (request, progress) -> calco.templates().create(template, request, progress));
  }

  private void listOperations() {
    if (json()) {
      Json.print(
          out(),
          Operations.all().stream()
              .map(operation ->
                  Json.object()
                      .put("name", operation.name())
                      .put("default", operation.onByDefault())
                      .put("help", operation.help()))
              .toList());
      return;
    }
    Table table = new Table("OPERATION", "DEFAULT", "WHAT IT DOES");
    for (Operation operation : Operations.all()) {
      table.add(
          operation.name(),
          operation.onByDefault() ? "on" : "off",
          operation.help(Locale.getDefault()));
    }
    table.print(out());
  }
}
