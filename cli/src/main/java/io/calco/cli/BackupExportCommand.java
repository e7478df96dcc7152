package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.ImageConversion;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.nio.file.Path;

/// `calco backup export`.
final class BackupExportCommand extends BackupCommand.OnRepository {
  private final Value<String> format =
      words.option(
          "-O, --target-format",
          "FMT",
          String.class,
          "raw",
          "The image's format (default: ${DEFAULT-VALUE}): any that calco disk convert writes.");
  private final Flag compress = words.flag("-c, --compress", "Compress, on all processors.");
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);
  private final Value<Path> target =
      words.parameter("TARGET", Path.class, "The image to make; a file of that name is replaced.");

  BackupExportCommand() {
    super("export", "Make an image file of a restore point.");
    words.examples(
        "calco backup export -O qcow2 -c latest web1.qcow2",
        "calco backup export -O vhdx web1@latest web1.vhdx",
        "calco backup export -O raw.zst latest web1.img.zst");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    ImageConversion.Options how =
        compress.given()
            ? ImageConversion.Options.to(format.get()).compressed()
            : ImageConversion.Options.to(format.get());
    try (Progress progress = progress()) {
      new Backups(repository).export(repository.find(point.get()), target.get(), how, progress);
    }
    return ExitCode.DONE;
  }
}
