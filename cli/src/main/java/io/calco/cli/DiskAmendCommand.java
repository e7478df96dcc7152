package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.ImageFormats;
import io.calco.engine.DiskImages;
import io.calco.engine.ImageChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// `calco disk amend`.
final class DiskAmendCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Values<String> options =
      words.requiredLists(
          "-o, --options",
          "KEY=VALUE",
          "What to change, such as compat=0.10; may be repeated. -o help lists it.");

  private final Value<Path> file = words.expected("FILE", Path.class, "The image file.");

  DiskAmendCommand() {
    super(
        "amend",
        "Change options that an image was created with; the guest sees the same.",
        "qcow2 has compat, lazy_refcounts, refcount_bits, data_file and data_file_raw=off. What"
            + " cannot be changed is refused before anything is written.");
    DiskCommand.acceptProgressFlag(words);
    DiskCommand.acceptCache(words);
    words.examples(
        "calco disk amend -o compat=0.10 vm.qcow2             for readers of the old version",
        "calco disk amend -o compat=1.1,lazy_refcounts=on vm.qcow2");
  }

  @Override
  int run() throws IOException {
    if (DiskCommand.FormatOptions.help(options.all())) {
      return runHelp();
    }
    Map<String, String> changes = DiskCommand.FormatOptions.values(options.all());
    try (Progress progress = progress()) {
      ImageChanges.amend(file.get(), source.options(), changes, progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("filename", file.get()).put("amended", changes));
    } else {
      say(
          "%s: amended, %s"
              .formatted(
                  DiskCommand.name(file.get()), Text.safe(String.join(", ", options.all()))));
    }
    return ExitCode.DONE;
  }

  private int runHelp() throws IOException {
    Optional<String> stated = source.options().format();
    String format =
        stated.isPresent() ? stated.get() : DiskImages.info(file.get(), source.options()).format();
    return DiskCommand.printOptions(this, format, ImageFormats.get(format).amendOptions());
  }
}
