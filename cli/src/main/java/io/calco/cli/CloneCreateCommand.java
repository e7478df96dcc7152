package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.CloneRequest;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.machine.CloneMachines;
import io.calco.engine.machine.Machines;
import io.calco.guest.seed.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `calco clone create`.
final class CloneCreateCommand extends HomeCommand {
  private final Value<String> template =
      words.parameter(
          "TEMPLATE",
          String.class,
          "The template's name, or image:NAME for an image of the catalogue, which becomes a"
              + " template as it is, once: image:debian:12.");

  private final Values<String> names =
      words.parameters(1, "NAME", String.class, "Names of clones; aula-{01..30} means thirty.");

  CloneCreateCommand() {
    super(
        "create",
        "Make clones of a template: all that are named, or none.",
        "Each gets its own host name and SSH host keys now, and its own machine-id; nothing "
            + "needs to boot.");
    words.oneOf(linked, full);
    words.examples(
        "calco clone create debian12 web1 web2",
        "calco clone create image:debian:12 web1 web2",
        "calco clone create debian12 aula-{01..30} --authorized-key ~/.ssh/id_ed25519.pub",
        "calco clone create debian12 aula-{01..30} --ip 'ens3=192.0.2.{11..40}/24,gw=192.0.2.1,dns=192.0.2.1'",
        "calco clone create debian12 db --full --size 20G --admin ana --firstboot setup.sh",
        "calco clone create debian12 aula-{01..30} --define --memory 2G --start");
  }

  private final Flag linked =
      words.flag("--linked", "Overlays on the template's disk, which they need (the default).");
  private final Flag full = words.flag("--full", "Independent copies.");
  private final Value<Integer> version =
      words.option(
          "--template-version",
          "N",
          Integer.class,
          "From this version of the template (default: the newest).");

  private final Value<String> size =
      words.option(
          "--size",
          "SIZE",
          String.class,
          "Virtual size, at least the template's; a larger one grows the last partition and its"
              + " file system.");

  private final Value<Path> directory =
      words.option(
          "--output-dir", "DIR", Path.class, "Where the disks go (default: Calco's pool).");

  private final Value<PathStyle> backingPath =
      words.option(
          "--backing-path",
          "HOW",
          PathStyle.class,
          "relative",
          "How a linked clone names the template's disk: ${COMPLETION-CANDIDATES}"
              + " (default: ${DEFAULT-VALUE}).");

  private final Value<SeedForm> seed =
      words.option(
          "--seed-iso",
          "FORM",
          SeedForm.class,
          "Also make NAME-seed.iso beside each disk, which tells cloud-init or cloudbase-init the"
              + " same: ${COMPLETION-CANDIDATES}.");

  private final GuestKeys keys = new GuestKeys(words);
  private final Flag reencrypt =
      words.flag(
          "--luks-reencrypt",
          "Encrypt each clone's encrypted volumes anew, under a master key of its own; a linked"
              + " clone then holds all their data itself.");
  private final Value<String> newPassphrase =
      words.option(
          "--new-passphrase-file",
          "FILE",
          String.class,
          "Holds the only passphrase that will open the clones' encrypted volumes.");

  private final PersonaliseFlags personalise = new PersonaliseFlags(words);

  private final Flag define =
      words.flag(
          "--define",
          "Also make a machine of each clone's name in libvirt: as the template's own machine is,"
              + " where libvirt has it.");
  private final Flag start = words.flag("--start", "With --define: start them, too.");
  private final MachineFlags machine = new MachineFlags(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  /// What `--backing-path` takes.
  enum PathStyle {
    relative,
    absolute
  }

  /// What `--seed-iso` takes.
  enum SeedForm {
    nocloud(Seed.Form.NOCLOUD),
    configdrive(Seed.Form.CONFIGDRIVE);

    private final Seed.Form form;

    SeedForm(Seed.Form form) {
      this.form = form;
    }
  }

  @Override
  int run(Calco calco) throws IOException {
    List<String> all = NamePattern.expand(names.all());
    CloneBase base = CloneBase.of(this, calco, template.get(), version.optional());
    CloneRequest request =
        new CloneRequest(
            base.template(),
            base.version(),
            all,
            full.given() ? Clone.Kind.FULL : Clone.Kind.LINKED,
            size.optional().stream().mapToLong(SizeChange::parseBytes).findFirst(),
            directory.optional(),
            backingPath.get() == PathStyle.absolute ? BackingPath.ABSOLUTE : BackingPath.RELATIVE,
            personalise.personalisation(all),
            seed.optional().map(chosen -> chosen.form),
            new CloneRequest.Keys(
                keys.ofVolumes(),
                reencrypt.given() ? MasterKeys.RENEWED : MasterKeys.KEPT,
                PassphraseFile.read(newPassphrase.optional())));
    List<CloneReport> made = define.given() ? withMachines(calco, request) : clones(calco, request);
    if (json()) {
      Json.print(out(), made.stream().map(CloneCommand::json).toList());
    } else if (!quiet()) {
      Table table = new Table("NAME", "KIND", "ON DISK", "HOST KEY", "DISK");
      for (CloneReport clone : made) {
        table.add(
            clone.facts().name(),
            CloneCommand.kind(clone.facts()),
            Text.size(clone.allocatedSize()),
            CloneCommand.firstFingerprint(clone.facts()).orElse("-"),
            clone.facts().disk());
      }
      table.print(out());
      made.getFirst()
          .seed()
          .filter(disc -> !define.given())
          .ifPresent(disc -> sayHowToAttach(made.getFirst(), disc));
    }
    return ExitCode.DONE;
  }

  private List<CloneReport> clones(Calco calco, CloneRequest request) throws IOException {
    if (start.given() || connect.given() || machine.given()) {
      throw new OperationException(
          Kind.USAGE, "--start and what a machine is made of go with --define");
    }
    try (Progress progress = progress()) {
      return calco.clones().create(request, progress);
    }
  }

  private List<CloneReport> withMachines(Calco calco, CloneRequest request) throws IOException {
    try (Machines machines = connect.open(calco);
        Progress progress = progress()) {
      CloneMachines wanted =
          machines.forClones(request.template(), request.names(), machine.request());
      List<CloneReport> made = calco.clones().create(request, progress);
      wanted.define(made, progress);
      if (start.given()) {
        for (CloneReport clone : made) {
          machines.start(clone.facts().name());
        }
      }
      return made;
    }
  }

  private void sayHowToAttach(CloneReport clone, Path disc) {
    say("");
    say(
        "Each has its seed beside its disk. Start %s with it as a CD:"
            .formatted(clone.facts().name()));
    say("  virt-install … --disk path=%s,device=cdrom".formatted(disc));
    say("  qemu-system-x86_64 … -cdrom " + disc);
  }
}
