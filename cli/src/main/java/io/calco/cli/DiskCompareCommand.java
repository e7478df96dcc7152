package io.calco.cli;

import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk compare`.
@Command(
    name = "compare",
    description = {
      "Compare what guests would see in two images of any formats.",
      "The shorter one is taken as followed by zeroes."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the same", "1:different", "2 and above:the comparison could not be made"},
    footer = {"", "Example:", "  calco disk compare vm.qcow2 vm.img"})
final class DiskCompareCommand extends CommandBase {
  private static final int FAILED = 2;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FMT",
      description = "The first image's format.")
  private @Nullable String format;

  @Option(
      names = {"-F", "--other-format"},
      paramLabel = "FMT",
      description = "The second image's format.")
  private @Nullable String otherFormat;

  @Option(
      names = {"-s", "--strict"},
      description = "A different virtual size is a difference too.")
  private boolean strict;

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.ProgressFlag progressFlag = new DiskCommand.ProgressFlag();

  @Mixin private DiskCommand.Policy policy = new DiskCommand.Policy();

  @Parameters(index = "0", paramLabel = "ONE", description = "An image file.")
  private Path one = Path.of("");

  @Parameters(index = "1", paramLabel = "OTHER", description = "Another.")
  private Path other = Path.of("");

  @Override
  int exitCode(OperationException.Kind kind) {
    return kind == OperationException.Kind.CANCELLED ? ExitCode.CANCELLED : FAILED;
  }

  @Override
  int run() throws IOException {
    DiskImages.Comparison found;
    try (Progress progress = progress()) {
      found =
          DiskImages.compare(
              one,
              policy.options(Optional.ofNullable(format)),
              other,
              policy.options(Optional.ofNullable(otherFormat)),
              progress);
    }
    boolean sizesDiffer = found.size() != found.otherSize();
    boolean same = found.firstDifference().isEmpty() && !(strict && sizesDiffer);
    if (json()) {
      Json.Fields all =
          Json.object()
              .put("same", same)
              .put("virtual-size", found.size())
              .put("other-virtual-size", found.otherSize());
      found.firstDifference().ifPresent(at -> all.put("first-difference", at));
      Json.print(out(), all);
    } else {
      if (sizesDiffer) {
        say("Virtual sizes differ: %d and %d bytes.".formatted(found.size(), found.otherSize()));
      }
      found
          .firstDifference()
          .ifPresent(at -> out().println("Content mismatch at offset " + at + "!"));
      if (same) {
        out().println("Images are identical.");
      }
    }
    return same ? ExitCode.DONE : ExitCode.NO;
  }
}
