package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.CloneRequest;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.TimeSpan;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.ClassRequest;
import io.calco.engine.classroom.Classes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco class create`.
final class ClassCreateCommand extends ClassCommand.OnClasses {
  private final Value<String> name =
      words.parameter("CLASS", String.class, "The class's name, such as 2-ASIR.");
  private final Value<String> template =
      words.requiredOption(
          "--template",
          "TEMPLATE",
          String.class,
          "What its machines are clones of; image:NAME for an image of the catalogue.");
  private final Value<Integer> version =
      words.option(
          "--template-version",
          "N",
          Integer.class,
          "From this version of the template (default: the newest).");
  private final Value<Integer> seats =
      words.requiredOption("--seats", "N", Integer.class, "How many machines.");
  private final Value<String> prefix =
      words.option(
          "--name",
          "PREFIX",
          String.class,
          "What the machines' names begin with, before 01, 02 … (default: the class's name in small"
              + " letters: 2-asir-).");
  private final Value<String> quota =
      words.option(
          "--quota",
          "SIZE",
          String.class,
          "What each clone's disk may take of the host before it is not started any more: 10G.");
  private final Value<String> pace =
      words.option(
          "--pace",
          "TIME",
          String.class,
          "Time between one machine's start and the next one's: 5s (default: none).");
  private final Value<String> size =
      words.option(
          "--size", "SIZE", String.class, "Virtual size of the disks, at least the template's.");
  private final Value<Path> directory =
      words.option(
          "--output-dir", "DIR", Path.class, "Where the disks go (default: Calco's pool).");
  private final GuestKeys keys = new GuestKeys(words);
  private final PersonaliseFlags personalise = new PersonaliseFlags(words);
  private final Flag define = words.flag("--define", "Also make their machines in libvirt.");
  private final Flag start = words.flag("--start", "With --define: start them, too.");
  private final MachineFlags machine = new MachineFlags(words);

  ClassCreateCommand() {
    super(
        "create",
        "Make a class: linked clones of a template, each with an identity of its own; all, or"
            + " none.",
        "They are what calco clone create makes, and any of its commands takes them.");
    words.examples(
        "calco class create 2-ASIR --template debian12 --seats 30",
        "calco class create 2-ASIR --template debian12 --seats 30 --define --memory 2G --start"
            + " --pace 5s",
        "calco class create aula --template debian12 --seats 20 --name pc- --quota 10G"
            + " --authorized-key ~/.ssh/id_ed25519.pub");
  }

  @Override
  int run(Calco calco, Classes classes) throws IOException {
    if (!define.given() && (start.given() || machine.given())) {
      throw new OperationException(
          Kind.USAGE, "--start and what a machine is made of go with --define");
    }
    String begin = prefix.optional().orElseGet(() -> ClassRequest.standardPrefix(name.get()));
    List<String> names = ClassRequest.names(begin, seats.get());
    CloneBase base = CloneBase.of(this, calco, template.get(), version.optional());
    CloneRequest clones =
        new CloneRequest(
            base.template(),
            base.version(),
            names,
            Clone.Kind.LINKED,
            size.optional().stream().mapToLong(SizeChange::parseBytes).findFirst(),
            directory.optional(),
            BackingPath.RELATIVE,
            personalise.personalisation(names),
            Optional.empty(),
            new CloneRequest.Keys(keys.ofVolumes(), MasterKeys.KEPT, Optional.empty()));
    ClassRequest request =
        new ClassRequest(
            name.get(),
            begin,
            clones,
            define.given() ? Optional.of(machine.request()) : Optional.empty(),
            quota.optional().map(ClassSetCommand::quota).orElse(OptionalLong.empty()),
            pace.optional().map(TimeSpan::parse).orElse(Duration.ZERO));
    ClassReport report;
    try (Progress progress = progress()) {
      report = classes.create(request, progress);
      if (start.given()) {
        report = classes.start(name.get(), Optional.empty(), progress);
      }
    }
    answer(report);
    return ExitCode.DONE;
  }
}
