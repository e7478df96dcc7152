package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.nio.file.Path;

/// `calco disk compare`.
final class DiskCompareCommand extends CommandBase {
  private static final int FAILED = 2;

  private final Value<String> format =
      words.option("-f, --format", "FMT", String.class, "The first image's format.");

  private final Value<String> otherFormat =
      words.option("-F, --other-format", "FMT", String.class, "The second image's format.");

  private final Flag strict =
      words.flag("-s, --strict", "A different virtual size is a difference too.");

  private final DiskCommand.Policy policy = new DiskCommand.Policy(words);

  private final Value<Path> one = words.parameter("ONE", Path.class, "An image file.");

  private final Value<Path> other = words.parameter("OTHER", Path.class, "Another.");

  DiskCompareCommand() {
    super(
        "compare",
        "Compare what guests would see in two images of any formats.",
        "The shorter one is taken as followed by zeroes.");
    DiskCommand.acceptProgressFlag(words);
    DiskCommand.acceptSourceCache(words);
    words.examples("calco disk compare vm.qcow2 vm.img");
    words.exitCodes("0:the same", "1:different", "2 and above:the comparison could not be made");
  }

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
              one.get(),
              policy.options(format.optional()),
              other.get(),
              policy.options(otherFormat.optional()),
              progress);
    }
    boolean sizesDiffer = found.size() != found.otherSize();
    boolean same = found.firstDifference().isEmpty() && !(strict.given() && sizesDiffer);
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
      print(found);
      if (same) {
        out().println("Images are identical.");
      }
    }
    return same ? ExitCode.DONE : ExitCode.NO;
  }

  /// In qemu-img's words; of sizes it speaks where both images are the same as far as both reach.
  private void print(DiskImages.Comparison found) {
    long shared = Math.min(found.size(), found.otherSize());
    if (found.size() != found.otherSize()) {
      if (strict.given()) {
        out().println("Strict mode: Image size mismatch!");
        return;
      }
      if (found.firstDifference().orElse(shared) >= shared) {
        out().println("Warning: Image size mismatch!");
      }
    }
    found
        .firstDifference()
        .ifPresent(at -> out().println("Content mismatch at offset " + at + "!"));
  }
}
