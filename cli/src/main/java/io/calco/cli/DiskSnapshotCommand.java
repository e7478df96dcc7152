package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.FormatInfo;
import io.calco.disk.ImageOptions;
import io.calco.engine.ImageChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `calco disk snapshot`.
final class DiskSnapshotCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Flag list = words.flag("-l, --list", "List them, as without any of these flags.");
  private final Value<String> create =
      words.option("-c, --create", "NAME", String.class, "Keep the disk as it is now.");
  private final Value<String> apply =
      words.option(
          "-a, --apply",
          "SNAPSHOT",
          String.class,
          "Make the disk what it was; what it holds now is lost.");
  private final Value<String> delete =
      words.option(
          "-d, --delete", "SNAPSHOT", String.class, "Forget a snapshot, by its id or name.");

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  DiskSnapshotCommand() {
    super("snapshot", "List, create, apply or delete the internal snapshots of a qcow2 image.");
    words.oneOf(list, create, apply, delete);
    words.examples(
        "calco disk snapshot vm.qcow2",
        "calco disk snapshot -c before-update vm.qcow2",
        "calco disk snapshot -a before-update vm.qcow2");
  }

  @Override
  int run() throws IOException {
    ImageOptions options = source.options();
    if (create.given()) {
      String name = create.get();
      tell("created", ImageChanges.changeSnapshots(file.get(), options, all -> all.create(name)));
    } else if (apply.given()) {
      String name = apply.get();
      tell("applied", ImageChanges.changeSnapshots(file.get(), options, all -> all.apply(name)));
    } else if (delete.given()) {
      String name = delete.get();
      tell("deleted", ImageChanges.changeSnapshots(file.get(), options, all -> all.delete(name)));
    } else {
      list(ImageChanges.snapshots(file.get(), options));
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
