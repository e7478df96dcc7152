package io.calco.cli;

import io.calco.backup.PackageList;
import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.util.Optional;

/// `calco backup show`.
final class BackupShowCommand extends BackupCommand.OnRepository {
  private final Flag packages =
      words.flag(
          "--packages", "Also list the packages that were installed: name, version, architecture.");
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);

  BackupShowCommand() {
    super(
        "show",
        "Everything that is known of a restore point, as a page to print and file.",
        "The JSON is what the repository has: docs/format/restore-point.md; with --packages that is"
            + " its point, beside its packages.");
    words.examples(
        "calco backup show latest",
        "calco backup show web1@latest | lpr",
        "calco backup show --packages web1@latest");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoint found = repository.find(point.get());
    Optional<PackageList> list =
        packages.given()
            ? Optional.of(new Backups(repository).getPackages(found))
            : Optional.empty();
    if (json()) {
      Json.print(
          out(),
          list.isPresent()
              ? Json.object()
                  .put("point", BackupText.json(found))
                  .put("packages", BackupText.json(list.get()))
              : BackupText.json(found));
    } else {
      BackupText.print(out(), found);
      list.ifPresent(some -> BackupText.print(out(), some));
    }
    return ExitCode.DONE;
  }
}
