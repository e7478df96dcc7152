package io.calco.cli;

import io.calco.backup.Coverage;
import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.DiskException;
import io.calco.engine.OperationException;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.ForeignDisk;
import io.calco.engine.backup.ImportRequest;
import io.calco.engine.backup.Imports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco backup import`.
final class BackupImportCommand extends BackupCommand.OnRepository {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> machine =
      words.option(
          "--machine",
          "NAME",
          String.class,
          "Whose disks they are (default: as the source tells, else the host name that is found in"
              + " one of them, else the file's or directory's name).");
  private final Value<String> label =
      words.option(
          "--label",
          "TEXT",
          String.class,
          "A few words to know the points by (default: the name in the source).");
  private final Values<String> tags =
      words.lists("--tag", "TAG[,TAG…]", "Words that points are found and kept by.");
  private final Value<String> note =
      words.option("--note", "TEXT", String.class, "Anything else to remember.");
  private final Flag raw =
      words.flag("--raw", "Keep every sector, also those that no file system uses.");
  private final Flag blind =
      words.flag("--no-inspect", "Do not look for what is installed in the disks.");
  private final Flag dryRun = words.flag("-n, --dry-run", "Only tell what would be imported.");
  private final Value<Path> from =
      words.parameter(
          "SOURCE",
          Path.class,
          "A directory that Clonezilla saved, a WindowsImageBackup folder, a disk image of any"
              + " format, a partclone image, or a directory that holds such things.");

  BackupImportCommand() {
    super(
        "import",
        "Take in what other programs have kept: a restore point for each disk, of the time when it"
            + " was kept.",
        "What is here already is not taken again. What is not understood is told, a line each.");
    words.exitCodes("0:all is here now", "1:something could not be read; the rest is here");
    words.examples(
        "calco backup import --dry-run /home/partimag",
        "calco backup import --repo /mnt/usb/backups /home/partimag/web1",
        "calco backup import --tag old /mnt/d/WindowsImageBackup");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    ImportRequest request =
        new ImportRequest(
            from.get(),
            source.options(),
            machine.optional(),
            raw.given() ? Coverage.EVERY_SECTOR : Coverage.USED,
            new Remarks(label.optional(), tags.all(), note.optional(), Optional.empty()),
            blind.given() ? Look.NOTHING : Look.INSPECT);
    Imports imports = Imports.find(repository, request);
    List<Result> results = new ArrayList<>();
    for (ForeignDisk disk : imports.disks()) {
      Result result = handle(imports, disk);
      results.add(result);
      if (!json() && !dryRun.given()) {
        tell(result);
      }
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("disks", results.stream().map(this::json).toList())
              .put("not-understood", imports.notUnderstood()));
    } else if (dryRun.given()) {
      print(results);
    }
    imports.notUnderstood().forEach(line -> say("calco: " + Text.safe(line)));
    return results.stream().anyMatch(result -> result.failure.isPresent())
        ? ExitCode.NO
        : ExitCode.DONE;
  }

  /// What came of a disk: a point, taken now or here already; neither in a dry run; or a failure.
  private record Result(
      ForeignDisk disk,
      OptionalLong size,
      Optional<RestorePoint> present,
      Optional<RestorePoint> taken,
      Optional<String> failure) {

    String state() {
      if (failure.isPresent()) {
        return "unreadable";
      }
      return present.isPresent() ? "present" : taken.isPresent() ? "imported" : "new";
    }
  }

  private Result handle(Imports imports, ForeignDisk disk) throws IOException {
    Optional<RestorePoint> present = imports.present(disk);
    if (present.isPresent()) {
      OptionalLong size = OptionalLong.of(present.get().disk().size());
      return new Result(disk, size, present, Optional.empty(), Optional.empty());
    }
    try {
      if (dryRun.given()) {
        OptionalLong size = OptionalLong.of(imports.size(disk));
        return new Result(disk, size, present, present, Optional.empty());
      }
      try (Progress progress = progress()) {
        RestorePoint point = imports.take(disk, progress);
        OptionalLong size = OptionalLong.of(point.disk().size());
        return new Result(disk, size, present, Optional.of(point), Optional.empty());
      }
    } catch (DiskException e) {
      String why = String.valueOf(OperationException.of(e).getMessage());
      say("calco: " + Text.safe(why));
      return new Result(disk, OptionalLong.empty(), present, present, Optional.of(why));
    }
  }

  private void tell(Result result) {
    String place = Text.safe(result.disk.place().toString());
    result.present.ifPresent(
        point -> out().printf("%s  %s: here already%n", BackupRepository.shortId(point), place));
    result.taken.ifPresent(point -> {
      point.warnings().forEach(warning -> say("calco: " + Text.safe(warning)));
      out()
          .printf(
              "%s  %s of %s, %s: %s, %s of data, %s stored%n",
              BackupRepository.shortId(point),
              Text.safe(point.machine()),
              BackupText.time(point.created()),
              place,
              Text.size(point.disk().size()),
              Text.size(point.work().data()),
              Text.size(point.work().stored()));
    });
  }

  private void print(List<Result> results) {
    Table table = new Table("MADE", "SIZE", "STATE", "SOURCE");
    for (Result result : results) {
      table.add(
          BackupText.time(result.disk.created()),
          result.size.isPresent() ? Text.size(result.size.getAsLong()) : "",
          result.state(),
          result.disk.place());
    }
    table.print(out());
  }

  private Json.Fields json(Result result) {
    Optional<RestorePoint> point = result.taken.or(result::present);
    Json.Fields fields =
        Json.object()
            .put("id", result.disk.id())
            .put("source", result.disk.place().toString())
            .put("kind", result.disk.kind().word())
            .put("state", result.state())
            .put("created", result.disk.created())
            .put("machine", point.map(RestorePoint::machine).or(result.disk::machine))
            .put("label", point.map(one -> one.remarks().label()).orElse(result.disk.label()));
    if (result.size.isPresent()) {
      fields.put("size", result.size.getAsLong());
    }
    return fields.put("failure", result.failure);
  }
}
