package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import java.io.IOException;

/// `calco backup show`.
final class BackupShowCommand extends BackupCommand.OnRepository {
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);

  BackupShowCommand() {
    super(
        "show",
        "Everything that is known of a restore point, as a page to print and file.",
        "The JSON is what the repository has: docs/format/restore-point.md.");
    words.examples("calco backup show latest", "calco backup show web1@latest | lpr");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoint found = repository.find(point.get());
    if (json()) {
      Json.print(out(), BackupText.json(found));
    } else {
      BackupText.print(out(), found);
    }
    return ExitCode.DONE;
  }
}
