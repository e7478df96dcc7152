package io.calco.cli;

import io.calco.disk.FormatInfo;
import io.calco.disk.ImageOptions;
import io.calco.engine.ImageChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk snapshot`.
@Command(
    name = "snapshot",
    description = "List, create, apply or delete the internal snapshots of a qcow2 image.",
    footer = {
      "",
      "Examples:",
      "  calco disk snapshot vm.qcow2",
      "  calco disk snapshot -c before-update vm.qcow2",
      "  calco disk snapshot -a before-update vm.qcow2"
    })
final class DiskSnapshotCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @ArgGroup private Verb verb = new Verb();

  /// What to do; without any, to list.
  static final class Verb {
    @SuppressWarnings("UnusedVariable") // what is done anyway
    @Option(
        names = {"-l", "--list"},
        description = "List them, as without any of these flags.")
    private boolean list;

    @Option(
        names = {"-c", "--create"},
        paramLabel = "NAME",
        description = "Keep the disk as it is now.")
    private @Nullable String create;

    @Option(
        names = {"-a", "--apply"},
        paramLabel = "SNAPSHOT",
        description = "Make the disk what it was; what it holds now is lost.")
    private @Nullable String apply;

    @Option(
        names = {"-d", "--delete"},
        paramLabel = "SNAPSHOT",
        description = "Forget a snapshot, by its id or name.")
    private @Nullable String delete;
  }

  @Parameters(paramLabel = "FILE", description = "The image file.")
  private Path file = Path.of("");

  @Override
  int run() throws IOException {
    ImageOptions options = source.options();
    if (verb.create != null) {
      String name = verb.create;
      tell("created", ImageChanges.changeSnapshots(file, options, all -> all.create(name)));
    } else if (verb.apply != null) {
      String name = verb.apply;
      tell("applied", ImageChanges.changeSnapshots(file, options, all -> all.apply(name)));
    } else if (verb.delete != null) {
      String name = verb.delete;
      tell("deleted", ImageChanges.changeSnapshots(file, options, all -> all.delete(name)));
    } else {
      list(ImageChanges.snapshots(file, options));
    }
    return ExitCode.DONE;
  }

  private void tell(String done, FormatInfo.Snapshot snapshot) {
    if (json()) {
      Json.print(out(), Json.object().put(done, DiskInfoCommand.json(snapshot)));
    } else {
      say("Snapshot %s (%s) %s.".formatted(Text.safe(snapshot.name()), snapshot.id(), done));
    }
  }

  private void list(List<FormatInfo.Snapshot> snapshots) {
    if (json()) {
      Json.print(out(), snapshots.stream().map(DiskInfoCommand::json).toList());
    } else if (!snapshots.isEmpty()) {
      DiskInfoCommand.printSnapshots(out(), snapshots);
    }
  }
}
