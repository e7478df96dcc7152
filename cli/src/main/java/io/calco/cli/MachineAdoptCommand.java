package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Adoption.Adopted;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco machine adopt`.
final class MachineAdoptCommand extends MachineStateCommand {
  private final Value<String> name =
      words.option(
          "--name",
          "NAME",
          String.class,
          "A single machine's clone's name (default: the machine's).");
  private final Value<String> template =
      words.option(
          "--template",
          "NAME",
          String.class,
          "What an image is called that becomes a template (default: as its file).");
  private final Allow allow = new Allow(words);

  MachineAdoptCommand() {
    super(
        "adopt",
        "Take machines' disks into the catalogue where they are, running or not.",
        "An overlay becomes a linked clone; the image that it rests on becomes a template, if it is"
            + " none yet: sealed as it is, not generalised. A disk that rests on nothing becomes a"
            + " clone of no template.");
    words.examples(
        "calco machine adopt web1", "calco machine adopt aula-{01..30} --template debian12");
  }

  @Override
  int run(MachineHost host) throws IOException {
    Machines machines = MachineCommand.libvirt(host);
    if (name.given() && names().size() > 1) {
      throw new OperationException(Kind.USAGE, "--name goes with one machine");
    }
    List<Adopted> adopted = new ArrayList<>();
    try (Progress progress = progress()) {
      for (String machine : names()) {
        adopted.addAll(
            machines.adopt(
                machine, name.optional(), template.optional(), allow.policy(), progress));
      }
    }
    if (json()) {
      Json.print(out(), adopted.stream().map(one -> CloneCommand.json(one.report())).toList());
    } else {
      for (Adopted one : adopted) {
        one.sealed().ifPresent(made -> say(made + ": a template now, sealed as it was"));
        Clone clone = one.report().facts();
        say(
            "%s: %s"
                .formatted(
                    clone.name(),
                    clone
                        .origin()
                        .map(origin -> "%s clone of %s".formatted(CloneCommand.kind(clone), origin))
                        .orElse("stands alone")));
      }
    }
    return ExitCode.DONE;
  }
}
