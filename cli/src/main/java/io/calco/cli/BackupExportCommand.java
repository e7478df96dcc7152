package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.ImageConversion;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.images.ExportFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
  private final Value<String> split =
      words.option(
          "--split",
          "SIZE",
          String.class,
          "Write parts of at most this size, TARGET.aa, TARGET.ab and so on, for FAT (4000M) or discs;"
              + " cat joins them, and Calco opens the first.");
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);
  private final Value<Path> target =
      words.parameter("TARGET", Path.class, "The image to make; a file of that name is replaced.");

  BackupExportCommand() {
    super("export", "Make an image file of a restore point.");
    words.oneOf(compress, split);
    words.examples(
        "calco backup export -O qcow2 -c latest web1.qcow2",
        "calco backup export -O vhdx web1@latest web1.vhdx",
        "calco backup export -O raw.zst latest web1.img.zst",
        "calco backup export -O raw.gz --split 4000M latest /media/usb/web1.img.gz");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    if (split.given()) {
      return split(repository);
    }
    ImageConversion.Options how =
        compress.given()
            ? ImageConversion.Options.to(format.get()).compressed()
            : ImageConversion.Options.to(format.get());
    try (Progress progress = progress()) {
      new Backups(repository).export(repository.find(point.get()), target.get(), how, progress);
    }
    return ExitCode.DONE;
  }

  private int split(BackupRepository repository) throws IOException {
    String[] names = format.get().split("[.]", 2);
    ExportFormat how =
        ExportFormat.parse(
            Optional.of(names[0].equals("vpc") ? "vhd" : names[0]),
            Optional.empty(),
            names.length == 2 ? Optional.of(names[1]) : Optional.empty());
    long size = SizeChange.parseBytes(split.get());
    if (size < 1) {
      throw new OperationException(Kind.USAGE, "--split %s: parts hold something".formatted(size));
    }
    List<Path> parts;
    try (Progress progress = progress()) {
      parts =
          new Backups(repository)
              .exportSplit(repository.find(point.get()), target.get(), how, size, progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("parts", parts.stream().map(Path::toString).toList()));
    } else {
      parts.forEach(out()::println);
    }
    return ExitCode.DONE;
  }
}
