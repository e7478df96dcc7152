package io.calco.cli;

import io.calco.backup.PackageList;
import io.calco.backup.PartitionFacts;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints.PartDifference;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.inside.Comparison;
import io.calco.engine.inside.GuestFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco backup diff`.
final class BackupDiffCommand extends BackupCommand.OnRepository {
  private final GuestSource source = new GuestSource(words);
  private final Flag files =
      words.flag("--files", "Compare files: what was added, removed or changed.");
  private final Flag packages =
      words.flag("--packages", "Compare the packages that were installed.");
  private final Value<String> first =
      words.parameter("POINT[:PATH]", String.class, BackupCommand.POINT);
  private final Value<String> second =
      words.parameter("POINT[:PATH]", String.class, BackupCommand.POINT);

  BackupDiffCommand() {
    super(
        "diff",
        "Compare two restore points: by chunks, without reading them, by files, or by packages.");
    words.oneOf(files, packages);
    words.exitCodes("0:There is no difference.", "1:There is one.");
    words.examples(
        "calco backup diff 3f0a51c2 latest",
        "calco backup diff --files 3f0a51c2:/etc latest:/etc",
        "calco backup diff --packages 3f0a51c2 latest");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups backups = new Backups(repository);
    PointPlace one = PointPlace.find(repository, first.get());
    PointPlace two = PointPlace.find(repository, second.get());
    if (packages.given()) {
      return byPackages(backups, one.point(), two.point());
    }
    return files.given() ? byFiles(backups, one, two) : byChunks(backups, one.point(), two.point());
  }

  private int byChunks(Backups backups, RestorePoint one, RestorePoint two) throws IOException {
    List<PartDifference> all = backups.compare(one, two);
    if (json()) {
      Json.print(out(), all.stream().map(BackupDiffCommand::json).toList());
    } else {
      Table table = new Table("PART", "DIFFERS");
      for (PartDifference part : all) {
        table.add(name(part), part.bytes() == 0 ? "-" : Text.size(part.bytes()));
      }
      table.print(out());
    }
    return all.stream().allMatch(part -> part.bytes() == 0) ? ExitCode.DONE : ExitCode.NO;
  }

  private static String name(PartDifference part) {
    if (part.before().isEmpty() && part.after().isEmpty()) {
      return "outside partitions";
    }
    String what = part.before().isEmpty() ? " (new)" : part.after().isEmpty() ? " (gone)" : "";
    PartitionFacts shown = part.after().or(part::before).orElseThrow();
    return "partition " + shown.number() + what;
  }

  private static Json.Fields json(PartDifference part) {
    return Json.object()
        .put("before", number(part.before()))
        .put("after", number(part.after()))
        .put("differing-bytes", part.bytes());
  }

  private static Optional<Integer> number(Optional<PartitionFacts> partition) {
    return partition.map(PartitionFacts::number);
  }

  private int byPackages(Backups backups, RestorePoint one, RestorePoint two) throws IOException {
    List<PackageList.Change> all = backups.getPackages(one).changes(backups.getPackages(two));
    if (json()) {
      Json.print(out(), all.stream().map(BackupDiffCommand::json).toList());
    } else if (all.isEmpty()) {
      say("No difference.");
    } else {
      Table table = new Table("PACKAGE", "ARCHITECTURE", "BEFORE", "AFTER");
      for (PackageList.Change change : all) {
        table.add(
            change.name(),
            change.architecture().isEmpty() ? "-" : change.architecture(),
            change.before().orElse("-"),
            change.after().orElse("-"));
      }
      table.print(out());
    }
    return all.isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }

  private static Json.Fields json(PackageList.Change change) {
    return Json.object()
        .put("name", change.name())
        .put("architecture", change.architecture())
        .put("before", change.before())
        .put("after", change.after());
  }

  private int byFiles(Backups backups, PointPlace one, PointPlace two) throws IOException {
    List<Json.Fields> all = new ArrayList<>();
    long[] count = new long[1];
    try (GuestFiles left = backups.files(one.point(), one.place(), source.options());
        GuestFiles right = backups.files(two.point(), two.place(), source.options());
        Progress progress = progress()) {
      Comparison.compare(
          left,
          one.place().path(),
          right,
          two.place().path(),
          difference -> {
            count[0]++;
            if (json()) {
              all.add(GuestDiffCommand.json(difference));
            } else {
              GuestDiffCommand.print(out(), difference);
            }
          },
          progress);
    }
    if (json()) {
      Json.print(out(), all);
    } else if (count[0] == 0) {
      say("No difference.");
    }
    return count[0] == 0 ? ExitCode.DONE : ExitCode.NO;
  }
}
