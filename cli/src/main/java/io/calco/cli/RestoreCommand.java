package io.calco.cli;

import io.calco.backup.Restore;
import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.PartitionIdentity;
import io.calco.engine.backup.RestoreRequest;
import io.calco.engine.backup.RestoreRequest.Writing;
import io.calco.engine.backup.RestoredGuest;
import io.calco.engine.backup.RestoredGuest.Identifiers;
import io.calco.engine.backup.RestoredGuest.Loader;
import io.calco.engine.backup.Restores;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.Personalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// `calco restore`.
final class RestoreCommand extends BackupCommand.OnRepository {
  private final Value<String> format =
      words.option(
          "-f, --format",
          "FMT",
          String.class,
          "The target's format; without it, that of an image that is there is probed, and a new one is"
              + " raw.");
  private final Value<String> size =
      words.option(
          "--size", "SIZE", String.class, "Of a new image (default: that of the disk backed up).");
  private final Value<String> layout =
      words.option(
          "--layout",
          "HOW",
          String.class,
          "as-saved",
          "Where the partitions of a whole disk come to lie: as-saved; grow-last, the last one up to"
              + " the target's end; proportional, all but those for booting, swap and recovery; or a"
              + " file with their places, as sfdisk --dump writes it. The file systems of longer partitions are"
              + " grown. On a smaller target gaps go, then the last file system is shrunk (ext, NTFS, FAT, btrfs, XFS), then swap areas,"
              + " then the others; with proportional all of them in proportion to what is free in them."
              + " Of LVM free extents go first, then what its volumes hold shrinks.");
  private final Values<String> partitions =
      words.lists(
          "--partition",
          "N[,N…]",
          "Write only these partitions, each over the target's one with its UUID, else over that of"
              + " its number and type.");
  private final Flag delta =
      words.flag("--delta", "Read the target first, and write only where it holds something else.");
  private final Flag verify =
      words.flag("--verify", "Read again what was written, and compare it.");
  private final Flag dryRun = words.flag("-n, --dry-run", "Only tell what would be written where.");
  private final Value<String> into =
      words.option(
          "--into",
          "WHICH",
          String.class,
          "With one --partition: write it over the target's partition that is known so:"
              + " PARTUUID=, PARTLABEL=, UUID= or LABEL= of its file system, or TYPE=.");
  private final Flag newIds =
      words.flag(
          "--new-ids",
          "New identities of the disk and its partitions (PARTUUID), so that it can run beside the"
              + " old one. What names them is mended; what cannot be refuses it.");
  private final Flag efiFallback =
      words.flag(
          "--efi-fallback",
          "Copy the EFI loader to \\EFI\\BOOT, where a firmware looks that does not know the disk.");
  private final Value<String> personalise =
      words.option(
          "--personalise",
          "NAME",
          String.class,
          "The machine becomes another one: this host name, its own machine-id and SSH host keys,"
              + " and what the options of clone create say. aula-{01..30} gives each target the"
              + " next name.");
  private final PersonaliseFlags personal = new PersonaliseFlags(words);
  private final GuestKeys keys = new GuestKeys(words);
  private final Confirmation confirmation = new Confirmation(words);
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);
  private final Values<Path> targets =
      words.parameters(
          1,
          "TARGET",
          Path.class,
          "A block device, an image that is there, or the name of one to be made. All are written"
              + " at once, and one that fails does not stop the others.");

  RestoreCommand() {
    super(
        "restore",
        "Bring a restore point back: to a disk, or to an image file.",
        "The target is as large as the disk was, larger, or as small as what is in its partitions"
            + " allows; they lie as saved unless --layout says otherwise, and a GPT's backup moves to the end. What is there is overwritten once its serial number or name is"
            + " typed. A target in use is refused.");
    words.examples(
        "calco restore latest web1.img",
        "calco restore -f qcow2 --size 40G web1@latest web1.qcow2",
        "calco restore --layout proportional --size 80G latest larger.img",
        "calco restore --size 16G --dry-run latest smaller.img",
        "calco restore --delta --verify web1@latest /dev/sdb",
        "calco restore --partition 2 latest /dev/sda --dry-run",
        "calco restore --partition 2 --into LABEL=home latest /dev/sda",
        "calco restore --personalise aula-{01..02} --new-ids latest /dev/sdb /dev/sdc");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoint found = repository.find(point.get());
    Restores restores = new Restores(repository);
    List<RestoreRequest> agreed = new ArrayList<>();
    List<Restores.Plan> plans = new ArrayList<>();
    List<Restores.Result> results = new ArrayList<>();
    for (RestoreRequest request : requests()) {
      try {
        plans.add(restores.plan(found, request));
        agreed.add(request);
      } catch (IOException | OperationException e) {
        results.add(Restores.Result.failed(request, e));
      }
    }
    if (dryRun.given()) {
      return tell(plans, results);
    }
    for (Restores.Plan plan : plans) {
      if (!plan.fresh()) {
        confirmation.requireTyped(
            "Overwrite %s (%s, %s)?"
                .formatted(plan.target(), plan.description(), Text.size(plan.size())),
            plan.word());
      }
    }
    if (!agreed.isEmpty()) {
      try (Progress progress = progress()) {
        results.addAll(restores.restore(found, agreed, progress));
      }
    }
    return tell(results);
  }

  /// What is wanted, target by target.
  private List<RestoreRequest> requests() throws IOException {
    List<Path> all = targets.all();
    if (into.given() && partitions.all().size() != 1) {
      throw new OperationException(Kind.USAGE, "--into goes with one --partition");
    }
    if (new HashSet<>(all).size() < all.size()) {
      throw new OperationException(Kind.USAGE, "a target is named twice");
    }
    List<Optional<Personalisation>> becoming = becoming(all.size());
    List<RestoreRequest> requests = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      RestoredGuest guest =
          new RestoredGuest(
              becoming.get(i),
              newIds.given() ? Identifiers.RENEWED : Identifiers.KEPT,
              efiFallback.given() ? Loader.FALLBACK : Loader.KEPT,
              keys.ofVolumes());
      requests.add(
          new RestoreRequest(
              all.get(i),
              format.optional(),
              size.given()
                  ? OptionalLong.of(SizeChange.parseBytes(size.get()))
                  : OptionalLong.empty(),
              RestoreRequest.layout(layout.get()),
              BackupCreateCommand.numbers(partitions),
              delta.given() ? Writing.DIFFERENCES : Writing.ALL,
              verify.given() ? Restore.Proof.READ_AGAIN : Restore.Proof.NONE,
              into.optional().map(PartitionIdentity::parse),
              guest));
    }
    return requests;
  }

  /// Who each of the machines becomes.
  private List<Optional<Personalisation>> becoming(int count) throws IOException {
    if (!personalise.given()) {
      if (personal.given()) {
        throw new OperationException(
            Kind.USAGE, "what a machine gets goes with its name: --personalise NAME");
      }
      return Collections.nCopies(count, Optional.empty());
    }
    List<String> names = NamePattern.pairwise(personalise.get(), count);
    if (new HashSet<>(names).size() < count) {
      throw new OperationException(
          Kind.USAGE,
          "--personalise: %d targets would all be called %s".formatted(count, names.getFirst()),
          "give each its own: web-{1..%d}".formatted(count));
    }
    Function<Hostname, Personalisation> made = personal.personalisation(names);
    List<Optional<Personalisation>> all = new ArrayList<>();
    for (String name : names) {
      try {
        all.add(Optional.of(made.apply(new Hostname(name))));
      } catch (IllegalArgumentException e) {
        throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
      }
    }
    return all;
  }

  /// One thing as itself, several as a list.
  private static Object one(List<?> all) {
    return all.size() == 1 ? all.getFirst() : all;
  }

  private static Json.Fields json(Restores.Plan plan) {
    return Json.object()
        .put("target", plan.target())
        .put("new", plan.fresh())
        .put("description", plan.description())
        .put("size", plan.size())
        .put("steps", plan.steps());
  }

  /// Tells what would be done, and what would not.
  private int tell(List<Restores.Plan> plans, List<Restores.Result> refused) {
    if (plans.isEmpty() && refused.size() == 1) {
      throw refused.getFirst().failure().orElseThrow();
    }
    if (json()) {
      List<Json.Fields> all = new ArrayList<>(plans.stream().map(RestoreCommand::json).toList());
      refused.forEach(result -> all.add(json(result)));
      Json.print(out(), one(all));
    } else {
      plans.forEach(this::tell);
      refused.forEach(this::tell);
    }
    return exitCode(refused);
  }

  private void tell(Restores.Plan plan) {
    out()
        .printf(
            "%s: %s, %s%n",
            Text.safe(plan.target().toString()),
            Text.safe(plan.description()),
            Text.size(plan.size()));
    plan.steps().forEach(step -> out().println("  " + Text.safe(step)));
  }

  /// Tells what came of each; the exit code of the first that failed.
  private int tell(List<Restores.Result> results) {
    if (results.size() == 1 && results.getFirst().failure().isPresent()) {
      throw results.getFirst().failure().get();
    }
    if (json()) {
      Json.print(out(), one(results.stream().map(RestoreCommand::json).toList()));
    } else {
      results.forEach(this::tell);
    }
    return exitCode(results);
  }

  private static int exitCode(List<Restores.Result> results) {
    return results.stream()
        .flatMap(result -> result.failure().stream())
        .findFirst()
        .map(failure -> ExitCode.of(failure.kind()))
        .orElse(ExitCode.DONE);
  }

  private static Json.Fields json(Restores.Result result) {
    if (result.outcome().isEmpty()) {
      return Json.object()
          .put("target", result.target())
          .put("failed", String.valueOf(result.failure().orElseThrow().getMessage()));
    }
    Restores.Outcome outcome = result.outcome().get();
    return json(outcome.plan())
        .put("written", outcome.written())
        .put("verified", outcome.verified())
        .put("continued", outcome.continued())
        .put("left", outcome.left());
  }

  private void tell(Restores.Result result) {
    String target = Text.safe(result.target().toString());
    if (result.outcome().isEmpty()) {
      String failure = String.valueOf(result.failure().orElseThrow().getMessage());
      out().printf("%s: FAILED: %s%n", target, Text.safe(failure.replace(target + ": ", "")));
      return;
    }
    Restores.Outcome outcome = result.outcome().get();
    out()
        .printf(
            "%s: restored%s%s%s%n",
            target,
            outcome.continued() ? ", after a cut" : "",
            delta.given() || outcome.continued()
                ? ", %s differed".formatted(Text.size(outcome.written()))
                : "",
            outcome.verified() ? ", and compared" : "");
    outcome.left().forEach(line -> out().println("  " + Text.safe(line)));
  }
}
