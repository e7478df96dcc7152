package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco backup hold`.
final class BackupHoldCommand extends BackupCommand.OnRepository {
  private final Value<String> reason =
      words.option("--reason", "TEXT", String.class, "held", "Why it must not go.");
  private final Flag release = words.flag("--release", "Let it go again.");
  private final Values<String> points =
      words.parameters(1, "POINT", String.class, BackupCommand.POINT);

  BackupHoldCommand() {
    super("hold", "Keep restore points, whatever any policy says, until they are released.");
    words.examples(
        "calco backup hold --reason \"audit of 2026\" 3f0a51c2",
        "calco backup hold --release 3f0a51c2");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups backups = new Backups(repository);
    Optional<String> hold = release.given() ? Optional.empty() : reason.optional();
    List<RestorePoint> changed = new ArrayList<>();
    for (String name : points.all()) {
      RestorePoint point = repository.find(name);
      changed.add(backups.remark(point, point.remarks().withHold(hold)));
    }
    if (json()) {
      Json.print(out(), changed.stream().map(BackupText::json).toList());
    } else {
      changed.forEach(point ->
          say(
              "%s: %s"
                  .formatted(
                      BackupRepository.shortId(point), release.given() ? "released" : "held")));
    }
    return ExitCode.DONE;
  }
}
