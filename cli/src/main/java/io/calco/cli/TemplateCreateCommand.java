package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.Generalisation;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.HostCaller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageTemplates;
import io.calco.engine.machine.MachineTemplate;
import io.calco.engine.machine.Machines;
import io.calco.guest.operation.Operation;
import io.calco.guest.operation.Operations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// `calco template create`.
final class TemplateCreateCommand extends HomeCommand {
  private final Value<Path> disk =
      words.optionalParameter(
          "DISK",
          Path.class,
          "The machine's disk, or image:NAME for an image of the catalogue: image:debian:12.");

  private final Value<String> machine =
      words.option(
          "--machine",
          "MACHINE",
          String.class,
          "Instead of a disk, a machine of libvirt's that is off: its own disk is generalised and"
              + " sealed, and the machine is renamed MACHINE-template.");

  private final Value<String> name =
      words.option("--name", "NAME", String.class, "The template's name.");

  private final GeneraliseFlags generalise = new GeneraliseFlags(words);
  private final TemplateFlags flags = new TemplateFlags(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  TemplateCreateCommand() {
    super(
        "create",
        "Make a sealed template of a machine's disk.",
        "What belongs to that machine alone is taken out, the disk is made read-only, and "
            + "recorded. The machine is shut off. Its disk is not touched: the template is a copy in "
            + "the pool, unless --in-place is given.");
    words.examples(
        "calco template create vm.qcow2 --name debian12",
        "calco template create vm.qcow2 --name debian12 --hostname TplDebian --dry-run",
        "calco template create vm.qcow2 --name debian12 --operations -logfiles --keep /etc/cron.d/**",
        "calco template create image:debian:12 --name debian12",
        "calco template create --machine debian12 --name debian12",
        "calco template create --operations list");
  }

  @Override
  int run(Calco calco) throws IOException {
    if (generalise.asksForList()) {
      listOperations();
      return ExitCode.DONE;
    }
    if (disk.given() == machine.given() || !name.given()) {
      throw new OperationException(
          Kind.USAGE,
          "a disk and a name are needed, or --machine and a name",
          "such as: calco template create vm.qcow2 --name debian12");
    }
    if (machine.given()) {
      return fromMachine(calco);
    }
    if (disk.get().toString().startsWith(ImageTemplates.PREFIX)) {
      return fromImage(calco, disk.get().toString().substring(ImageTemplates.PREFIX.length()));
    }
    return flags.run(
        this,
        disk.get(),
        generalise,
        (request, progress) -> calco.templates().create(name.get(), request, progress));
  }

  private int fromMachine(Calco calco) throws IOException {
    try (Machines machines = connect.open(calco)) {
      MachineTemplate source = machines.template(machine.get());
      return flags.run(
          this,
          source.disk(),
          generalise,
          (request, progress) -> {
            Templates.Created created = source.create(name.get(), request, progress);
            say("machine %s is now %s".formatted(machine.get(), source.renamed()));
            return created;
          });
    }
  }

  private int fromImage(Calco calco, String image) throws IOException {
    Caller caller = HostCaller.of(new Identity(calco.catalog()), Optional.empty());
    try (ImageService images = ImagesCommand.open(calco)) {
      ImageTemplates templates = images.templates(calco);
      return flags.run(
          this,
          disk.get(),
          generalise,
          new TemplateFlags.Maker() {
            @Override
            public Templates.Created make(TemplateRequest request, Progress progress)
                throws IOException {
              requireCopy(request);
              return templates.create(
                  caller,
                  image,
                  name.get(),
                  request.generalise(),
                  request.sourceOptions().keys(),
                  progress);
            }

            @Override
            public Generalisation preview(TemplateRequest request) throws IOException {
              requireCopy(request);
              return templates.preview(
                  caller, image, request.generalise(), request.sourceOptions().keys());
            }
          });
    }
  }

  private static void requireCopy(TemplateRequest request) {
    if (request.placement() == Placement.IN_PLACE || request.masterKeys() == MasterKeys.RENEWED) {
      throw new OperationException(
          Kind.USAGE,
          "an image of the catalogue stays as it is: --in-place and --luks-reencrypt do not go with"
              + " one");
    }
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
