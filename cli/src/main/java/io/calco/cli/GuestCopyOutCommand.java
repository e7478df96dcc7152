package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.inside.CopyOut;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.nio.file.Path;

/// `calco guest copy-out`.
final class GuestCopyOutCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> place =
      words.parameter("DISK:PATH", String.class, GuestCommand.PLACE);
  private final Value<Path> target =
      words.parameter(
          "TARGET",
          Path.class,
          "A directory to copy into, or the name of the copy. Nothing is overwritten.");

  GuestCopyOutCommand() {
    super(
        "copy-out",
        "Copy a file or directory of a guest to the host.",
        "Permissions and times are kept, owners and special files are not.");
    words.examples(
        "calco guest copy-out vm.qcow2:/etc/ssh .", "calco guest copy-out vm.qcow2:/home/ana ana");
  }

  @Override
  int run() throws IOException {
    GuestPath from = GuestPath.parse(place.get());
    CopyOut.Report report;
    try (GuestFiles files = GuestFiles.open(from, source.options());
        Progress progress = progress()) {
      report = CopyOut.copy(files, from.path(), target.get(), progress);
    }
    tell(this, report, target.get());
    return ExitCode.DONE;
  }

  /// Answers with what was copied.
  static void tell(CommandBase command, CopyOut.Report report, Path target) {
    report.leftOut().forEach(line -> command.say("left out: " + Text.safe(line)));
    if (command.json()) {
      Json.print(
          command.out(),
          Json.object()
              .put("files", report.files())
              .put("bytes", report.bytes())
              .put("left-out", report.leftOut()));
    } else {
      command.say(
          "%s, %s copied to %s."
              .formatted(
                  Text.count(report.files(), "file"),
                  Text.size(report.bytes()),
                  DiskCommand.name(target)));
    }
  }
}
